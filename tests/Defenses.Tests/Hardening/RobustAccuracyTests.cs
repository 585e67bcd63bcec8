using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Hardening;

public sealed class RobustAccuracyTests
{
    [Fact]
    public void On_a_linear_model_it_is_the_share_of_points_farther_than_epsilon_from_the_boundary()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(250);
        var logits = model.call(x).detach();
        var lead = (logits.select(1, 1) - logits.select(1, 0)).abs() / (model.Weight[1] - model.Weight[0]).detach().abs().sum();
        var sorted = lead.data<float>().Order().ToArray();
        var epsilon = (sorted[99] + sorted[100]) / 2;
        foreach (var size in new[] { 1000, 60 })
            new RobustAccuracy(new Fgsm(epsilon), new Bounds(-5, 5)) { BatchSize = size }.Measure(model, new TensorData(x, labels), 1, default).Should()
                .Be(0.6);
    }

    [Fact]
    public void A_coin_flip_is_judged_by_a_draw_that_the_attack_has_not_seen()
    {
        using var coin = new CoinFlip(0.7);
        using var x = Numbers.Uniform([2000, 4]);
        using var labels = zeros(2000, dtype: ScalarType.Int64);
        coin.train();
        var score = new RobustAccuracy(new Fgsm(0.1), Bounds.Unit).Measure(coin, new TensorData(x, labels), 1, default);
        score.Should().BeApproximately(0.7, 4 * Math.Sqrt(0.7 * 0.3 / 2000));
        coin.training.Should().BeTrue();
    }

    [Fact]
    public void Probabilities_as_labels_count_by_their_largest_class()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel();
        var (x, labels) = model.Data(100);
        var some = (labels + (arange(100, dtype: ScalarType.Int64) % 4).eq(0).to_type(ScalarType.Int64)) % 4;   // every fourth label is wrong
        var soft = nn.functional.one_hot(some, 4).to_type(ScalarType.Float32) * 0.7 + 0.075;
        var score = new RobustAccuracy(new Fgsm(1e-6), Bounds.Unit);
        score.Measure(model, new TensorData(x, some), 1, default).Should().Be(0.75);
        score.Measure(model, new TensorData(x, soft), 1, default).Should().Be(0.75);
    }

    [Fact]
    public void Every_batch_and_every_seed_has_its_own_draws_and_those_of_the_network_do_not_move()
    {
        using var scope = NewDisposeScope();
        using var coin = new CoinFlip(0.5);
        var data = new TensorData(Numbers.Uniform([200, 4]), zeros(200, dtype: ScalarType.Int64));
        var score = new RobustAccuracy(new Fgsm(0.1), Bounds.Unit) { BatchSize = 1 };
        coin.Reseed(3);
        var next = Numbers.Of(coin.call(zeros(50, 4)));
        coin.Reseed(3);
        var scores = Enumerable.Range(1, 4).Select(seed => score.Measure(coin, data, (ulong)seed, default)).ToArray();
        Numbers.Of(coin.call(zeros(50, 4))).Should().Equal(next);
        scores.Should().OnlyContain(value => Math.Abs(value - 0.5) < 4 * 0.5 / Math.Sqrt(200));
        scores.Distinct().Should().HaveCountGreaterThan(1);
        score.Measure(coin, data, 1, default).Should().Be(scores[0]);
    }

    [Fact]
    public void The_attack_begins_elsewhere_in_every_batch_and_for_every_seed()
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("memory", memory), ("linear", new LinearModel(inputs: 6, classes: 2)));
        network.eval();
        var data = new TensorData(full([8, 6], 0.5), zeros(8, dtype: ScalarType.Int64));
        var score = new RobustAccuracy(new Pgd(0.1) { Steps = 1, StepSize = 1e-3, Restarts = 1, Seed = 3 }, Bounds.Unit) { BatchSize = 4 };
        score.Measure(network, data, 1, default);
        score.Measure(network, data, 2, default);
        var each = memory.Seen.Count / 4;
        Enumerable.Range(1, 4).Select(batch => string.Join(' ', memory.Seen[batch * each - 1])).Should()
            .OnlyHaveUniqueItems("the last pass of a batch is the judge's, at the images of the attack");
    }

    // The sign of the slope is random: with the judge's draw an attack would always succeed, without it in every second case.
    [Fact]
    public void The_attack_does_not_know_the_draw_of_the_judge()
    {
        using var scope = NewDisposeScope();
        using var slope = new Slope();
        var data = new TensorData(full([400, 1], 0.5), zeros(400, dtype: ScalarType.Int64));
        new RobustAccuracy(new Fgsm(0.2), Bounds.Unit).Measure(slope, data, 1, default).Should().BeApproximately(0.5, 4 * 0.5 / Math.Sqrt(400));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void The_attack_takes_the_draws_of_its_options_and_the_judge_one_in_evaluation_mode(int draws)
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.01)), ("memory", memory),
            ("linear", new LinearModel(inputs: 6, classes: 2)));
        network.train();
        var data = new TensorData(full([12, 6], 0.5), zeros(12, dtype: ScalarType.Int64));
        new RobustAccuracy(new Pgd(0.1) { Steps = 3, Restarts = 1 }, Bounds.Unit) { Draws = draws, BatchSize = 4 }.Measure(network, data, 1, default);
        memory.Seen.Sum(batch => batch.Length / 6).Should().BeInRange(12 * (3 * draws + 1), 12 * (5 * draws + 1));
        memory.Seen[^1].Should().HaveCount(4 * 6);
        memory.Trained.Should().OnlyContain(trained => !trained);
        network.training.Should().BeTrue();
    }

    [Fact]
    public void Leaves_no_tensor_behind_and_stops_when_cancelled()
    {
        using var model = new LinearModel();
        var (x, labels) = model.Data();
        using var _ = x;
        using var __ = labels;
        var score = new RobustAccuracy(new Pgd(0.1) { Steps = 2 }, Bounds.Unit);
        Leaks.None(() => score.Measure(model, new TensorData(x, labels), 1, default));
        using var source = new CancellationTokenSource();
        source.Cancel();
        var run = () => score.Measure(model, new TensorData(x, labels), 1, source.Token);
        run.Should().Throw<OperationCanceledException>();
    }

    // Class 0 leads by 1 + 10·s·(x − ½), s = ±1 at random for each example.
    private sealed class Slope : StochasticLayer
    {
        internal Slope() : base(nameof(Slope)) => eval();

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            var lead = 1 + 10 * (random.Bernoulli(0.5, x) * 2 - 1) * (x - 0.5);
            return cat([lead, -lead], 1).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x)
        {
            using var scope = NewDisposeScope();
            return (cat([x, -x], 1) * 0 + 1).MoveToOuterDisposeScope();
        }
    }
}
