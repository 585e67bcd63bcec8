using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
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
            new RobustAccuracy(new Fgsm(epsilon), new Bounds(-5, 5)) { BatchSize = size }.Measure(model, new TensorData(x, labels), 1, default).Should().Be(0.6);
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
}
