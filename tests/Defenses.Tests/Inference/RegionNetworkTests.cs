using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Inference;

public sealed class RegionNetworkTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(0.5, 0.2, 0.5)]
    [InlineData(0.6, 0.2, 0.75)]
    [InlineData(0.35, 0.2, 0.125)]
    [InlineData(0.8, 0.2, 1)]
    [InlineData(0.95, 0.5, 0.95)]
    public void The_share_of_votes_is_the_share_of_the_cube(double value, double radius, double share)
    {
        const int Points = 4000;
        using var region = new RegionNetwork(new Above(), radius, Bounds.Unit, Points);
        region.Reseed(1);
        using var votes = region.Vote(full(2, 1, value));
        votes.Ballots.Should().Be(Points);
        var counts = Numbers.Of(votes.Counts);
        counts[1].Should().BeApproximately(share * Points, 4 * Math.Sqrt(share * (1 - share) * Points) + 1e-9);
        votes.Intervals(ones(2, dtype: ScalarType.Int64), 0.9999).Should()
            .OnlyContain(interval => interval.Contains(share) || Math.Abs(interval.Upper - share) < 1e-3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_in_the_mode_of_its_network(bool training)
    {
        var above = new Above();
        above.train(training);
        using var region = new RegionNetwork(above, 0.1, Bounds.Unit, 2);
        region.training.Should().Be(training);
        region.modules().Should().OnlyContain(module => module.training == training);
    }

    [Fact]
    public void Points_stay_in_the_cube_and_in_the_bounds_and_fill_both()
    {
        var seen = new Seen();
        using var region = new RegionNetwork(seen, 0.3, new Bounds(-1, 1), 200);
        var x = tensor(new[] { -0.9f, 0f, 0.9f }).view(1, 3);
        region.call(x).Dispose();
        var points = seen.Points!;
        points.shape.Should().Equal(200, 3);
        Numbers.Of(points.amin([0])).Should()
            .SatisfyRespectively(low => low.Should().Be(-1), low => low.Should().BeInRange(-0.3, -0.28), low => low.Should().BeInRange(0.6, 0.62));
        Numbers.Of(points.amax([0])).Should()
            .SatisfyRespectively(high => high.Should().BeInRange(-0.62, -0.6), high => high.Should().BeInRange(0.28, 0.3), high => high.Should().Be(1));
        points.Dispose();
    }

    [Fact]
    public void Every_example_has_separate_points()
    {
        var seen = new Seen();
        using var region = new RegionNetwork(seen, 0.3, Bounds.Unit, 5);
        region.call(full(2, 3, 0.5)).Dispose();
        seen.Points!.unique().output.shape[0].Should().BeGreaterThan(25, "30 numbers, drawn one by one");
        seen.Points.Dispose();
    }

    [Fact]
    public void The_decision_follows_the_majority_and_its_logits_the_shares()
    {
        using var region = new RegionNetwork(new Above(), 0.2, Bounds.Unit, 1000);
        var logits = region.call(tensor(new[] { 0.35f, 0.65f }).view(2, 1));
        logits.argmax(1).data<long>().ToArray().Should().Equal(0, 1);
        Numbers.Of(logits.exp().sum(1)).Should().OnlyContain(sum => Math.Abs(sum - 1) < 1e-5);
        using (region.DisableRandomness()) region.Vote(full(1, 1, 0.6)).Ballots.Should().Be(1, "without randomness there is one point, the input");
    }

    [Fact]
    public void Attackers_see_through_it_with_straight_through()
    {
        using var region = new RegionNetwork(Wobbly.Network(0), 0.1, Bounds.Unit, 10);
        var model = new Classifier(region, Bounds.Unit);
        var x = Numbers.Uniform([2, 16], seed: 5);
        Func<Tensor, Tensor> loss = logits => logits.select(1, 0);
        FluentActions.Invoking(() => model.Gradient(x, loss)).Should().Throw<InvalidOperationException>().WithMessage("*vote*StraightThrough*");
        Numbers.Of(new StraightThrough(model).Gradient(x, loss)).Should().NotContain(0);
    }

    /// <summary>Class 1 above one half.</summary>
    private sealed class Above : nn.Module<Tensor, Tensor>
    {
        internal Above() : base(nameof(Above)) => eval();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return cat([0.5 - x, x - 0.5], 1).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Keeps the points it was shown.</summary>
    private sealed class Seen : nn.Module<Tensor, Tensor>
    {
        internal Seen() : base(nameof(Seen)) => eval();

        internal Tensor? Points { get; private set; }

        public override Tensor forward(Tensor x)
        {
            Points = x.clone().DetachFromDisposeScope();
            return x.alias();
        }
    }
}
