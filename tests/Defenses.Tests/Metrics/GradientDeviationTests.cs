using Defenses.Attacks;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Metrics;

public sealed class GradientDeviationTests : MetricContract
{
    private const int Draws = 400;

    [Fact]
    public void A_model_that_does_not_draw_has_none()
    {
        using var linear = new LinearModel();
        using var data = NewDisposeScope();
        var (x, labels) = linear.Data();
        var spread = GradientDeviation.Measure(linear.Classifier(), x, Goal.Avoid(labels), 5);
        (spread.Raw.Value, spread.Normalized.Value, spread.Sign.Value).Should().Be((0, 0, 0));
    }

    // The gradient is ±(w₁ − w₀), the sign of each example as often down as the coin says: a deviation of 2√(p(1 − p)).
    [Theory]
    [InlineData(0.5, 1, 0.006)]
    [InlineData(0.1, 0.6, 0.04)]
    public void A_coin_for_the_sign_has_the_deviation_of_the_coin(double probability, double expected, double tolerance)
    {
        using var scope = NewDisposeScope();
        var (model, x, goal, direction) = Random(new Multiplied(negative: probability));
        var spread = GradientDeviation.Measure(model, x, goal, Draws, seed: 3);
        spread.Sign.Value.Should().BeApproximately(expected, tolerance);
        var unit = direction.abs() / direction.square().mean().sqrt();
        spread.Normalized.Value.Should().BeApproximately(spread.Sign.Value * unit.mean().ToDouble(), 1e-4);
        spread.Raw.Value.Should().BeApproximately(spread.Sign.Value * direction.abs().mean().ToDouble(), 1e-3);
        spread.ByExample.Should().HaveCount(16).And.OnlyContain(value => value >= 0 && value <= 1 + 1e-6);
    }

    // Elements multiplied by 1 + σn: the gradient of each deviates by σ|w₁ − w₀|. 192 deviations of 400 numbers, each known to 1/√800.
    [Fact]
    public void Multiplicative_noise_deviates_in_proportion_to_the_gradient()
    {
        using var scope = NewDisposeScope();
        var (model, x, goal, direction) = Random(new Multiplied(std: 0.3));
        var expected = 0.3 * direction.abs().mean().ToDouble();
        GradientDeviation.Measure(model, x, goal, Draws, seed: 3).Raw.Value.Should().BeApproximately(expected, 4 * expected / Math.Sqrt(800.0 * 192) * 1.5);
    }

    [Fact]
    public void Averaging_over_draws_shrinks_the_deviation_by_their_square_root()
    {
        using var scope = NewDisposeScope();
        var (model, x, goal, _) = Random(new Multiplied(std: 0.3));
        var one = GradientDeviation.Measure(model, x, goal, 100, seed: 3).Raw.Value;
        GradientDeviation.Measure(new Eot(model, 9), x, goal, 100, seed: 3).Raw.Value.Should().BeApproximately(one / 3, one * 0.02);
    }

    [Fact]
    public void The_first_step_of_an_attack_is_measured_where_it_starts_with_the_loss_that_it_climbs()
    {
        using var scope = NewDisposeScope();
        var (model, x, goal, _) = Random(new Multiplied(std: 0.3));
        var pgd = new CwPgd(0.1) { Seed = 4, RandomStart = false };
        GradientDeviation.AtFirstStep(pgd, model, x, goal, 20).Should().BeEquivalentTo(GradientDeviation.Measure(model, x, goal, 20, Loss.Margin, seed: 4));
        GradientDeviation.AtFirstStep(new Pgd(0.1) { Seed = 4, RandomStart = false }, model, x, goal, 20)
            .Should().BeEquivalentTo(GradientDeviation.Measure(model, x, goal, 20, Loss.CrossEntropy, seed: 4));
    }

    [Fact]
    public void An_attack_that_asks_for_no_gradient_is_refused()
    {
        using var scope = NewDisposeScope();
        var (model, x, goal, _) = Random(new Multiplied(std: 0.3));
        FluentActions.Invoking(() => GradientDeviation.AtFirstStep(new Noise(0.1), model, x, goal, 2))
            .Should().Throw<InvalidOperationException>().WithMessage("*no gradient*CwPgd*Noise*");
    }

    [Fact]
    public void The_model_draws_on_as_if_nobody_had_looked()
    {
        using var scope = NewDisposeScope();
        Tensor After(bool look)
        {
            var (model, x, goal, _) = Random(new Multiplied(std: 0.3));
            if (look) GradientDeviation.AtFirstStep(new Pgd(0.1), model, x, goal, 3);
            return model.Logits(x);
        }
        After(true).equal(After(false)).all().ToBoolean().Should().BeTrue();
    }

    protected override IReadOnlyList<double> Compute()
    {
        using var scope = NewDisposeScope();
        var (model, x, goal, _) = Random(new Multiplied(std: 0.3));
        var spread = GradientDeviation.Measure(model, x, goal, 3, seed: 1);
        var first = GradientDeviation.AtFirstStep(new Pgd(0.1) { Seed = 2 }, model, x, goal, 3);
        model.Network.Dispose();
        return [spread.Raw.Value, spread.Normalized.Lower, spread.Sign.Upper, first.Raw.Value];
    }

    protected override IEnumerable<Extreme> Extremes
    {
        get
        {
            using var scope = NewDisposeScope();
            var (model, x, goal, _) = Random(new Multiplied());
            var still = GradientDeviation.Measure(model, x, goal, 3, seed: 1);
            yield return Extreme.Of("no deviation", still.Normalized, 0);
            yield return Extreme.Of("no sign deviates", still.Sign, 0);
            var (flat, _, _, _) = Random(new Multiplied());
            using (no_grad()) foreach (var weight in flat.Network.parameters()) weight.zero_();
            yield return Extreme.Of("no gradient", GradientDeviation.Measure(flat, x, goal, 3, seed: 1).Normalized, 0);
            var (turning, points, away, _) = Random(new Alternating());
            yield return Extreme.Of("every sign turns at every draw", GradientDeviation.Measure(turning, points, away, 2, seed: 1).Sign, 1);
        }
    }

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            using var scope = NewDisposeScope();
            var (model, x, goal, _) = Random(new Multiplied(std: 0.3));
            yield return ("model", () => GradientDeviation.Measure(null!, x, goal));
            yield return ("x", () => GradientDeviation.Measure(model, x + 1, goal));
            yield return ("goal", () => GradientDeviation.Measure(model, x, null!));
            yield return ("goal", () => GradientDeviation.Measure(model, x, Goal.Avoid(goal.Classes + 2)));
            yield return ("draws", () => GradientDeviation.Measure(model, x, goal, 1));
            yield return ("confidence", () => GradientDeviation.Measure(model, x, goal, confidence: 1));
            yield return ("attack", () => GradientDeviation.AtFirstStep(null!, model, x, goal));
            yield return ("model", () => GradientDeviation.AtFirstStep(new Pgd(0.1), null!, x, goal));
            yield return ("draws", () => GradientDeviation.AtFirstStep(new Pgd(0.1), model, x, goal, 1));
            yield return ("x", () => GradientDeviation.AtFirstStep(new Pgd(0.1), model, x + 1, goal));
            yield return ("confidence", () => GradientDeviation.AtFirstStep(new Pgd(0.1), model, x, goal, confidence: 2));
        }
    }

    // x and −x in turn, one for the whole batch.
    private sealed class Alternating() : Defenses.Randomness.StochasticLayer(nameof(Alternating))
    {
        private int _passes;

        public override bool DrawsPerSample => false;

        protected override Tensor Sample(Tensor x, Defenses.Randomness.RandomSource random) => ++_passes % 2 == 0 ? x.alias() : x.neg();

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }

    // Two classes, so that the margin is one linear function: its gradient is the difference of the rows of the weight.
    private static (Classifier Model, Tensor X, Goal Goal, Tensor Direction) Random(nn.Module<Tensor, Tensor> layer)
    {
        var linear = new LinearModel(classes: 2);
        var network = nn.Sequential(("layer", layer), ("linear", linear));
        network.eval();
        var (x, labels) = linear.Data();
        return (new Classifier(network, Bounds.Unit), x, Goal.Avoid(labels), (linear.Weight[1] - linear.Weight[0]).detach());
    }
}
