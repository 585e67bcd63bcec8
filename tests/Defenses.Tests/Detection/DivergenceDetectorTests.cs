using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class DivergenceDetectorTests : DetectorContract
{
    private readonly Checkers.Gullible _network = new();
    private readonly Reformer _reformer = new(Checkers.AutoEncoder(), Bounds.Unit);

    protected override nn.Module<Tensor, Tensor> Network => _network;

    protected override Tensor Clean { get; } = Checkers.Pictures(80, 0, 1);

    protected override Tensor Attacked { get; } = Checkers.Pictures(30, 0.1, 2);

    protected override Detector Make(ulong? seed = 1) => new DivergenceDetector(_network.Model, _reformer, 10) { Seed = seed };

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(40)]
    public void The_score_is_the_divergence_of_Jensen_and_Shannon(double temperature)
    {
        var x = Checkers.Pictures(4, 0.05, 3);
        var (seen, reformed) = (Numbers.Of(_network.call(x)), Numbers.Of(_network.call(_reformer.call(x))));
        var scores = Numbers.Of(new DivergenceDetector(_network.Model, _reformer, temperature).Score(x));
        for (var i = 0; i < 4; i++)
        {
            double P(double[] logits) => 1 / (1 + Math.Exp((logits[2 * i] - logits[2 * i + 1]) / temperature));
            double Part(double p, double q) => p * Math.Log(p / ((p + q) / 2));
            var (p, q) = (P(seen), P(reformed));
            var expected = (Part(p, q) + Part(1 - p, 1 - q) + Part(q, p) + Part(1 - q, 1 - p)) / 2;
            scores[i].Should().BeApproximately(expected, 1e-4 * expected + 1e-12);
        }
    }

    [Fact]
    public void Certain_answers_that_change_diverge_by_ln_2()
    {
        var x = Checkers.Pictures(4, 0, 3, noise: 0) * 0.2 + 0.3;   // dark
        var score = new DivergenceDetector(_network.Model, _reformer, 0.01).Score(x + Checkers.Pattern() * 0.3);
        Numbers.Of(score).Should().OnlyContain(value => Math.Abs(value - Math.Log(2)) < 1e-6);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        FluentActions.Invoking(() => new DivergenceDetector(null!, _reformer)).Should().Throw<ArgumentNullException>().WithParameterName("model");
        FluentActions.Invoking(() => new DivergenceDetector(_network.Model, null!)).Should().Throw<ArgumentNullException>().WithParameterName("reformer");
        FluentActions.Invoking(() => new DivergenceDetector(_network.Model, _reformer, 0)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("temperature");
        _reformer.train();
        FluentActions.Invoking(() => Make().Score(Clean)).Should().Throw<InvalidOperationException>().WithMessage("*training mode*");
    }
}
