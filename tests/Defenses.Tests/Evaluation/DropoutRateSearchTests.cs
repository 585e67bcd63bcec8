using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using FluentAssertions;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class DropoutRateSearchTests
{
    // Every image has one of two units lit; its class is that unit. Where the unit is dropped, nothing is left, and class 0 is said.
    private static nn.Module<Tensor, Tensor> Network(DefensiveDropout dropout)
    {
        var linear = nn.Linear(2, 2);
        using (no_grad())
        {
            linear.weight.copy_(eye(2));
            linear.bias!.copy_(tensor(new[] { 0.01f, 0f }));
        }
        var network = nn.Sequential(("drop", dropout), ("fc", linear));
        network.eval();
        network.Reseed(1);
        return network;
    }

    private static (Tensor Images, Tensor Labels) Examples(int count = 40)
    {
        var labels = arange(count, dtype: ScalarType.Int64).remainder(2);
        return (nn.functional.one_hot(labels, 2).to_type(ScalarType.Float32), labels);
    }

    [Fact]
    public void Each_rate_has_the_accuracy_that_follows_from_it()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Examples(200);
        var curve = new DropoutRateSearch(new Fgsm(0.1), [0.5, 0.2]) { Seed = 1,
            Draws = 100 }.Run(new Classifier(Network(new DefensiveDropout(0.3)), Bounds.Unit), x, labels);
        curve.Points.Select(point => point.Rate).Should().Equal(0, 0.2, 0.5);
        foreach (var point in curve.Points)   // class 0 is always right, class 1 unless its unit is dropped
            point.Accuracy.Rate.Should().BeApproximately(1 - point.Rate / 2, 4 * Math.Sqrt(0.25 / (100 * 100)));
        curve.Points.Should().OnlyContain(point => Math.Abs(point.AccuracyLoss.Value - (curve.Points[0].Accuracy.Rate - point.Accuracy.Rate)) < 1e-12);
    }

    [Theory]
    [InlineData(0.02, 0)]
    [InlineData(0.3, 0.3)]
    public void The_rate_with_the_least_success_within_the_budget_wins(double budget, double expected)
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Examples();
        var model = new Classifier(Network(new DefensiveDropout(0.3)), Bounds.Unit);
        // At rate 0 the attack swaps the units and always wins; with dropout a dropped unit of the wrong class lets class 0 win again.
        var curve = new DropoutRateSearch(new Pgd(0.9) { Steps = 10, Restarts = 1 }, [0.3, 0.9]) { Seed = 1, MaxLoss = budget, Draws = 50 }.Run(model, x,
            labels);
        curve.Points[0].Success!.Rate.Should().Be(1);
        curve.Points[1].Success!.Rate.Should().BeLessThan(1);
        curve.Rate.Should().Be(expected);
    }

    [Fact]
    public void The_network_keeps_its_rate_and_the_seed_decides()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Examples();
        var dropout = new DefensiveDropout(0.3);
        var model = new Classifier(Network(dropout), Bounds.Unit);
        var search = new DropoutRateSearch(new Fgsm(0.6), [0.1, 0.6]) { Seed = 5 };
        var (first, second) = (search.Run(model, x, labels), search.Run(model, x, labels));
        second.Points.Should().Equal(first.Points);
        dropout.Rate.Should().Be(0.3);
        using var wrong = full([40], 7L);
        ((Action)(() => search.Run(model, x, wrong))).Should().Throw<ArgumentException>().WithParameterName("labels");
        dropout.Rate.Should().Be(0.3, "an exception must not change it either");
        Leaks.None(() => search.Run(model, x, labels));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Examples();
        ((Action)(() => _ = new DropoutRateSearch(null!, [0.1]))).Should().Throw<ArgumentNullException>();
        ((Action)(() => _ = new DropoutRateSearch(new Fgsm(0.1), []))).Should().Throw<ArgumentException>().WithParameterName("rates");
        ((Action)(() => _ = new DropoutRateSearch(new Fgsm(0.1), [0.1, 0.1]))).Should().Throw<ArgumentException>().WithMessage("*differ*");
        ((Action)(() => _ = new DropoutRateSearch(new Fgsm(0.1), [1.0]))).Should().Throw<ArgumentOutOfRangeException>();
        var plain = nn.Sequential(nn.Linear(2, 2));
        plain.eval();
        ((Action)(() => new DropoutRateSearch(new Fgsm(0.1), [0.1]).Run(new Classifier(plain, Bounds.Unit), x, labels)))
            .Should().Throw<ArgumentException>().WithMessage("*InsertAfter*");
    }
}
