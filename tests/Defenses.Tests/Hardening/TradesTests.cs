using Defenses.Hardening;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Hardening;

public sealed class TradesTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(6)]
    public void The_loss_is_cross_entropy_plus_the_divergence_at_the_farther_corner(double beta)
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(1);
        using var random = new RandomSource(1);
        var (loss, logits) = new Trades(0.1, Bounds.Unit) { Beta = beta, Steps = 10 }.Compute(model, x, labels, random);
        var step = (model.Weight[1] - model.Weight[0]).detach().sign() * 0.1;
        var plain = nn.functional.cross_entropy(logits, labels);
        var corners = new[] { x + step, x - step }.Select(corner => (plain + beta * Divergence(logits, model.call(corner))).ToDouble()).ToArray();
        corners.Should().Contain(corner => Math.Abs(corner - loss.ToDouble()) < 1e-4, "a linear model of two classes has its maxima there");
    }

    [Fact]
    public void Both_terms_have_gradients()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(8);
        Tensor Gradient(double beta)
        {
            using var random = new RandomSource(1);
            model.zero_grad();
            new Trades(0.1, Bounds.Unit) { Beta = beta }.Compute(model, x, labels, random).Loss.backward();
            return model.Weight.grad!.clone();
        }
        var (none, some, twice) = (Gradient(0), Gradient(1), Gradient(2));
        (some - none).abs().max().ToDouble().Should().BeGreaterThan(1e-3);
        (twice - none - 2 * (some - none)).abs().max().ToDouble().Should().BeLessThan(1e-5, "the gradient is linear in β");
    }

    [Fact]
    public void A_heavy_weight_takes_the_fragile_feature_away()
    {
        using var task = new TwoFeatures();
        var (_, light) = task.Learn(new Trades(TwoFeatures.Epsilon, TwoFeatures.Bounds) { Beta = 0 }, TwoFeatures.Long);
        light.Should().Be(1);
        var (first, second) = task.Learn(new Trades(TwoFeatures.Epsilon, TwoFeatures.Bounds) { Beta = 6, Steps = 3 });
        first.Should().Be(1);
        Math.Abs(second).Should().BeLessThan(0.5);
    }

    private static Tensor Divergence(Tensor from, Tensor to)
    {
        var (p, q) = (from.softmax(1), to.softmax(1));
        return (p * (p.log() - q.log())).sum(1).mean();
    }
}
