using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class CombinedDetectorTests : DetectorContract
{
    private readonly LocalIntrinsicDimensionality _dimensionality;
    private readonly KernelDensity _density;

    public CombinedDetectorTests()
    {
        var model = new Classifier(Network, Bounds.Unit);
        var training = Pixels.Pictures(150, 0, 3);
        _dimensionality = new LocalIntrinsicDimensionality(model, ["flat", "hidden"], Pixels.Pictures(100, 0, 4));
        _density = new KernelDensity(model, "hidden", training, Pixels.Labels(training), 0.1);
    }

    public override void Dispose()
    {
        _dimensionality.Dispose();
        _density.Dispose();
        base.Dispose();
    }

    protected override nn.Module<Tensor, Tensor> Network { get; } = Pixels.Network(9);

    protected override Tensor Clean { get; } = Pixels.Pictures(80, 0, 1);

    protected override Tensor Attacked { get; } = Pixels.Pictures(30, 0.25, 2);

    protected override Detector Make(ulong? seed = 1) =>
        CombinedDetector.Fit([_dimensionality, _density], Pixels.Pictures(60, 0, 5), Pixels.Pictures(60, 0.25, 6), seed: seed);

    [Fact]
    public void The_score_is_the_regression_of_all_numbers_of_the_parts()
    {
        var combined = (CombinedDetector)Make();
        combined.Regression.Weights.Should().HaveCount(3, "two layers and a density");
        var (layers, density) = (Numbers.Of(_dimensionality.Estimates(Attacked)), Numbers.Of(_density.Score(Attacked)));
        var weights = combined.Regression.Weights;
        var expected = density.Select((value, i) =>
            combined.Regression.Intercept + weights[0] * layers[2 * i] + weights[1] * layers[2 * i + 1] + weights[2] * value);
        Numbers.Of(combined.Score(Attacked)).Zip(expected, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-3);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(50)]
    public void The_penalty_is_that_of_the_regression(double penalty)
    {
        var (clean, attacked) = (Pixels.Pictures(30, 0, 5), Pixels.Pictures(30, 0.25, 6));
        Tensor Column(Tensor images) => tensor(_density.Measure(images).ToArray()).unsqueeze(1);
        var combined = CombinedDetector.Fit([_density], clean, attacked, penalty);
        combined.Regression.Weights.Single().Should().BeApproximately(LogisticRegression.Fit(Column(clean), Column(attacked), penalty).Weights.Single(), 1e-6);
    }

    [Fact]
    public void It_learns_which_part_to_believe()
    {
        // Squares and patterns: the blur sees the pattern, the other one is deaf.
        var same = nn.Sequential(("there", nn.Flatten()), ("back", nn.Unflatten(1, [1, 4, 4])));
        same.eval();
        var (blur, deaf) = (new ReconstructionDetector(Checkers.AutoEncoder(), Bounds.Unit), new ReconstructionDetector(same, Bounds.Unit));
        var combined = CombinedDetector.Fit([deaf, blur], Checkers.Pictures(60, 0, 1), Checkers.Pictures(60, 0.1, 2));
        combined.Regression.Weights[0].Should().Be(0);
        new RocCurve(combined.Measure(Checkers.Pictures(40, 0, 3)), combined.Measure(Checkers.Pictures(40, 0.1, 4))).Auc.Should().Be(1);
        combined.IsDifferentiable.Should().BeTrue();
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var wide = new ReconstructionDetector(Checkers.AutoEncoder(), new Bounds(-1, 1));
        FluentActions.Invoking(() => CombinedDetector.Fit([], Clean, Attacked)).Should().Throw<ArgumentException>().WithParameterName("parts");
        FluentActions.Invoking(() => CombinedDetector.Fit([_density, wide], Clean, Attacked)).Should().Throw<ArgumentException>().WithParameterName("parts");
        FluentActions.Invoking(() => CombinedDetector.Fit([_density], Clean * 9, Attacked)).Should().Throw<ArgumentException>().WithParameterName("clean");
        FluentActions.Invoking(() => CombinedDetector.Fit([_density], Clean, Attacked * double.NaN)).Should().Throw<ArgumentException>()
            .WithParameterName("attacked");
        FluentActions.Invoking(() => new CombinedDetector([_density], null!)).Should().Throw<ArgumentNullException>().WithParameterName("regression");
        var (clean, attacked) = (Clean, Attacked);
        Leaks.None(() => CombinedDetector.Fit([_dimensionality, _density], clean, attacked));
    }
}
