using Defenses.Attacks;
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

    // The gradient goes through the prediction at the image as well as through that at the corner.
    [Fact]
    public void The_gradient_is_that_of_the_whole_divergence_at_the_corner()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2, scale: 0.5);
        var (x, labels) = model.Data(1);
        using var random = new RandomSource(1);
        Tensor Gradient(Tensor loss)
        {
            model.zero_grad();
            loss.backward();
            return model.Weight.grad!.clone();
        }
        var actual = Gradient(new Trades(0.1, Bounds.Unit) { Beta = 3 }.Compute(model, x, labels, random).Loss);
        var step = (model.Weight[1] - model.Weight[0]).detach().sign() * 0.1;
        var errors = new[] { x + step, x - step }.Select(corner =>
        {
            var logits = model.call(x);
            return (Gradient(nn.functional.cross_entropy(logits, labels) + 3 * Divergence(logits, model.call(corner))) - actual).abs().max().ToDouble();
        }).ToArray();
        errors.Min().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void The_divergence_is_a_mean_over_the_batch()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(8);
        using var random = new RandomSource(1);
        var (loss, logits) = new Trades(0.1, Bounds.Unit) { Beta = 1 }.Compute(model, x, labels, random);
        var step = (model.Weight[1] - model.Weight[0]).detach().sign() * 0.1;
        var far = (loss - nn.functional.cross_entropy(logits, labels)).ToDouble();
        double[] each = [.. Enumerable.Range(0, 8)
            .Select(i => new[] { x + step, x - step }.Max(corner => Divergence(logits.narrow(0, i, 1), model.call(corner).narrow(0, i, 1)).ToDouble()))];
        far.Should().BeLessThanOrEqualTo(each.Average() + 1e-4).And.BeGreaterThan(0.2 * each.Average(), "each is at one of its two corners");
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

    // The first pass is at the images, the second at the start, the third one step from it.
    [Theory]
    [InlineData(null, 0.125)]
    [InlineData(0.05, 0.05)]
    public void The_search_starts_a_thousandth_of_the_range_from_the_images_and_takes_the_steps_of_its_options(double? stepSize, double step)
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("memory", memory), ("linear", new LinearModel(inputs: 900, classes: 2, scale: 0.05)));
        using var random = new RandomSource(1);
        var x = Numbers.Uniform([8, 900]) - 0.5;
        new Trades(0.5, new Bounds(-2, 2)) { Steps = 2, StepSize = stepSize }.Compute(network, x, zeros(8, dtype: ScalarType.Int64), random);
        var seen = memory.Seen.SkipWhile(batch => batch.SequenceEqual(Numbers.Of(x))).Take(2).ToArray();
        var away = seen[0].Zip(Numbers.Of(x), (to, from) => to - from).ToArray();
        away.Average().Should().BeApproximately(0, 4 * 0.004 / Math.Sqrt(away.Length));
        Math.Sqrt(away.Average(each => each * each)).Should().BeApproximately(0.004, 4 * 0.004 / Math.Sqrt(2 * away.Length));
        seen[1].Zip(seen[0], (to, from) => Math.Abs(to - from)).Should().OnlyContain(moved => Math.Abs(moved - step) < 1e-5);
    }

    // The logits of a linear model go one way: every step adds to the last.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void The_number_of_steps_is_that_of_the_options(int steps)
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("memory", memory), ("linear", new LinearModel(inputs: 30, classes: 2, scale: 0.05)));
        using var random = new RandomSource(1);
        var x = Numbers.Uniform([4, 30]) - 0.5;
        new Trades(0.5, new Bounds(-2, 2)) { Steps = steps, StepSize = 0.05 }.Compute(network, x, zeros(4, dtype: ScalarType.Int64), random);
        var start = memory.Seen.SkipWhile(batch => batch.SequenceEqual(Numbers.Of(x))).First();
        memory.Seen[^1].Zip(start, (to, from) => Math.Abs(to - from)).Should().OnlyContain(moved => Math.Abs(moved - steps * 0.05) < 1e-5);
    }

    // The divergence is least at the image itself and grows to both sides, so the noise of the start decides where to.
    [Fact]
    public void The_search_leaves_the_image_to_either_side()
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var linear = new LinearModel(inputs: 6, classes: 2);
        using var network = nn.Sequential(("memory", memory), ("linear", linear));
        using var random = new RandomSource(1);
        var (x, labels) = linear.Data(400);
        new Trades(0.1, Bounds.Unit) { Steps = 3 }.Compute(network, x, labels, random);
        var first = (linear.Weight[1] - linear.Weight[0])[0].ToDouble();
        var up = memory.Seen[^1].Chunk(6).Zip(Numbers.Of(x).Chunk(6), (to, from) => (to[0] - from[0]) * first > 0).Count(towards => towards);
        (up / 400.0).Should().BeApproximately(0.5, 4 * 0.5 / Math.Sqrt(400));
    }

    [Fact]
    public void In_L2_the_farthest_points_lie_along_the_weights()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(1);
        using var random = new RandomSource(1);
        var (loss, logits) = new Trades(0.3, Bounds.Unit) { Beta = 2, Norm = Norm.L2 }.Compute(model, x, labels, random);
        var weight = (model.Weight[1] - model.Weight[0]).detach();
        var step = weight / weight.norm() * 0.3;
        var plain = nn.functional.cross_entropy(logits, labels);
        var ends = new[] { x + step, x - step }.Select(end => (plain + 2 * Divergence(logits, model.call(end))).ToDouble()).ToArray();
        ends.Should().Contain(end => Math.Abs(end - loss.ToDouble()) < 1e-4);
    }

    [Fact]
    public void The_search_stays_within_the_bounds()
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("memory", memory), ("linear", new LinearModel(inputs: 30, classes: 2)));
        using var random = new RandomSource(1);
        var x = cat([zeros(4, 30), ones(4, 30)]);
        new Trades(0.1, Bounds.Unit) { Steps = 3 }.Compute(network, x, zeros(8, dtype: ScalarType.Int64), random);
        memory.Seen.SelectMany(batch => batch).Should().OnlyContain(value => value >= 0 && value <= 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Each_gradient_of_the_search_takes_the_draws_of_its_options(int draws)
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.01)), ("memory", memory),
            ("linear", new LinearModel(inputs: 6, classes: 2)));
        using var random = new RandomSource(1);
        new Trades(0.1, Bounds.Unit) { Steps = 3, Draws = draws }.Compute(network, full([4, 6], 0.5), zeros(4, dtype: ScalarType.Int64), random);
        memory.Seen.Sum(batch => batch.Length / 6).Should()
            .Be(4 * ((1 + 3) * draws + 2), "the reference and three gradients, and then the loss at the images and at what was found");
    }

    private static Tensor Divergence(Tensor from, Tensor to)
    {
        var (p, q) = (from.softmax(1), to.softmax(1));
        return (p * (p.log() - q.log())).sum(1).mean();
    }
}
