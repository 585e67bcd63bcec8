using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The laws of numbers: units, rounding, infinite slopes, saturated logits.</summary>
public abstract partial class AttackContract<T>
{
    /// <summary>The same attack for images that are mapped from [0, 1] to the bounds: options in units of the bounds times their range.</summary>
    /// <remarks>By default Epsilon and StepSize. Override it where an attack has other options in these units, or consists of attacks or models.</remarks>
    protected virtual T Scaled(T attack, Bounds bounds)
    {
        var scaled = attack with { Seed = attack.Seed };
        foreach (var name in new[] { "Epsilon", "StepSize" })
            if (typeof(T).GetProperty(name) is { } option && option.GetValue(attack) is double size)
                option.SetValue(scaled, size * bounds.Range);
        return scaled;
    }

    /// <summary>The largest relative difference of sizes between bounds where rounding differs; 0.001, or more where an attack amplifies rounding.</summary>
    protected virtual double RoundingTolerance => 1e-3;

    [Fact]
    public void Bounds_times_a_power_of_two_give_the_same_result_exactly()
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var (x, labels) = Spread(network);
        using var unit = (Create() with { Seed = 5 }).Run(In(network, Bounds.Unit), x, labels);
        var bounds = new Bounds(0, 256);
        using var wide = (Scaled(Create(), bounds) with { Seed = 5 }).Run(In(network, bounds), x * 256, labels);
        Numbers.Of(wide.Met).Should().Equal(Numbers.Of(unit.Met));
        Numbers.Of(wide.Adversarial / 256).Should().Equal(Numbers.Of(unit.Adversarial), "all constants must scale with the bounds");
    }

    [Theory]
    [InlineData(0.0, 255.0)]
    [InlineData(-1.0, 1.0)]
    [InlineData(-3.0, 5.0)]
    public void Other_bounds_give_the_same_successes_and_sizes_times_their_range(double lower, double upper)
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var (x, labels) = Spread(network);
        using var unit = (Create() with { Seed = 5 }).Run(In(network, Bounds.Unit), x, labels);
        var bounds = new Bounds(lower, upper);
        using var other = (Scaled(Create(), bounds) with { Seed = 5 }).Run(In(network, bounds), (x * bounds.Range + lower).clamp(lower, upper), labels);
        other.Adversarial.min().ToDouble().Should().BeGreaterThanOrEqualTo(lower);
        other.Adversarial.max().ToDouble().Should().BeLessThanOrEqualTo(upper);
        Numbers.Of(other.Met).Should().Equal(Numbers.Of(unit.Met));
        var (sizes, expected) = (Numbers.Of(other.Size), Numbers.Of(unit.Size));
        var factor = Create().Norm == Norm.L0 ? 1 : bounds.Range;
        for (var i = 0; i < sizes.Length; i++)
            sizes[i].Should().BeApproximately(expected[i] * factor, RoundingTolerance * (1e-2 + expected[i]) * factor);
    }

    [Fact]
    public void Pixels_beyond_the_bounds_by_rounding_are_clipped_first()
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var (x, _) = Spread(network);
        x[TensorIndex.Colon, 0] = 1;
        x[TensorIndex.Colon, 1] = 0;
        var labels = In(network, Bounds.Unit).Logits(x).argmax(1);
        var beyond = x.clone();
        beyond[TensorIndex.Colon, 0] = 1 + 5e-6;
        beyond[TensorIndex.Colon, 1] = -5e-6;
        using var expected = (Create() with { Seed = 5 }).Run(In(network, Bounds.Unit), x, labels);
        using var result = (Create() with { Seed = 5 }).Run(In(network, Bounds.Unit), beyond, labels);
        Numbers.Of(result.Adversarial).Should().Equal(Numbers.Of(expected.Adversarial)).And.OnlyContain(pixel => pixel >= 0 && pixel <= 1);
        Numbers.Of(result.Size).Should().Equal(Numbers.Of(expected.Size));
        Numbers.Of(result.Met).Should().Equal(Numbers.Of(expected.Met));
    }

    [Fact]
    public void An_infinite_slope_stops_no_other_pixel()
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var (x, _) = Spread(network);
        x[TensorIndex.Colon, 0] = 0;
        var model = new Classifier(network, Bounds.Unit, pixels => pixels.sqrt());
        var labels = model.Logits(x).argmax(1);
        using var result = (Create() with { Seed = 5 }).Run(model, x, labels);
        Numbers.Of(result.Adversarial).Should().OnlyContain(pixel => pixel >= 0 && pixel <= 1);
        Numbers.Of(result.Met).Should().Equal(Numbers.Of(model.Logits(result.Adversarial).argmax(1).ne(labels)));
        if (SeesTheModel) Numbers.Of(result.Met).Sum().Should().BeGreaterThan(0);
        var others = Norm.Linf.Size((result.Adversarial - x).narrow(1, 1, x.shape[1] - 1));
        if (SeesTheModel) Numbers.Of(others).Should().Contain(moved => moved > 0);
        if ((Create().Knowledge & (Knowledge.Gradient | Knowledge.SingleStep)) != 0) result.ReplacedGradients.Should().BeGreaterThan(0);
    }

    [Fact]
    public void Large_logits_hide_no_success()
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var (x, labels) = Spread(network);
        using var small = (Create() with { Seed = 5 }).Run(In(network, Bounds.Unit), x, labels);
        using var large = new ChangedAnswer(network, logits => logits * 1e4);
        using var result = (Create() with { Seed = 5 }).Run(In(large, Bounds.Unit), x, labels);
        Numbers.Of(result.Adversarial).Should().OnlyContain(pixel => pixel >= 0 && pixel <= 1);
        Numbers.Of(result.Size).Should().OnlyContain(size => double.IsFinite(size));
        if (Create().AscendsCrossEntropy) return;   // cross-entropy is flat there
        Numbers.Of(result.Met).Sum().Should().BeGreaterThanOrEqualTo(Numbers.Of(small.Met).Sum() - LostToLargeLogits);
    }

    /// <summary>The successes, of 24, that may be lost where logits are ten thousand times as large; 0, except where random candidates decide.</summary>
    protected virtual int LostToLargeLogits => 0;

    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-1e38)]
    public void A_class_that_is_never_predicted_leaves_numbers(double score)
    {
        using var scope = NewDisposeScope();
        using var network = Curved();
        var (x, _) = Spread(network);
        using var masked = ChangedAnswer.Masked(network, score);
        var model = In(masked, Bounds.Unit);
        var labels = model.Logits(x).argmax(1);
        using var result = (Create() with { Seed = 5 }).Run(model, x, labels);
        Numbers.Of(result.Adversarial).Should().OnlyContain(pixel => pixel >= 0 && pixel <= 1);
        Numbers.Of(result.Size).Should().OnlyContain(size => double.IsFinite(size));
        Numbers.Of(result.Met).Should().Equal(Numbers.Of(model.Logits(result.Adversarial).argmax(1).ne(labels)));
        if (SeesTheModel) Numbers.Of(result.Met).Sum().Should().BeGreaterThan(0);
    }

    /// <summary>Whether the examples are made on the attacked model; else these laws do not ask for successes.</summary>
    protected virtual bool SeesTheModel => true;

    /// <summary>The same network on images of other bounds.</summary>
    protected static Classifier In(nn.Module<Tensor, Tensor> network, Bounds bounds) => bounds == Bounds.Unit
        ? new Classifier(network, bounds)
        : new Classifier(network, bounds, x => (x - bounds.Lower) / bounds.Range);

    /// <summary>The network of these laws: 12 elements, by default 4 classes.</summary>
    protected static nn.Module<Tensor, Tensor> Curved(long classes = 4)
    {
        var network = nn.Sequential(("first", nn.Linear(12, 16)), ("tanh", nn.Tanh()), ("last", nn.Linear(16, classes)));
        using var random = new RandomSource(7);
        using var noGrad = no_grad();
        foreach (var weight in network.parameters())
            using (var start = random.Normal(weight, 0.5))
                weight.copy_(start);
        network.eval();
        return network;
    }

    // Points all over [0, 1], with the model's own predictions as labels.
    private static (Tensor X, Tensor Labels) Spread(nn.Module<Tensor, Tensor> network)
    {
        var x = Numbers.Uniform([24, 12], seed: 4);
        using var noGrad = no_grad();
        return (x, network.call(x).argmax(1));
    }
}
