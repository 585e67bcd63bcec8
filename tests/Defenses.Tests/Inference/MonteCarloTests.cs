using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Inference;

public sealed class MonteCarloTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = full(3, 4, 0.5);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void The_average_of_draws_is_the_mean_of_their_probabilities()
    {
        const int Draws = 10_000;
        var model = new Classifier(new Coin(0.7), Bounds.Unit);
        var average = Numbers.Of(MonteCarlo.Average(model, _x, Draws, seed: 1));
        var error = 4 * Math.Sqrt(0.7 * 0.3 / Draws) * (Coin.Sure - Coin.Unsure);
        for (var row = 0; row < 3; row++)
        {
            average[3 * row].Should().BeApproximately(Coin.Unsure, 1e-6);
            average[3 * row + 1].Should().BeApproximately(0.7 * Coin.Sure + 0.3 * Coin.Unsure, error);
            average[3 * row + 2].Should().BeApproximately(0.3 * Coin.Sure + 0.7 * Coin.Unsure, error);
        }
        model.Queries.Forward.Should().BeCloseTo(3 * Draws, 10);
    }

    [Fact]
    public void Votes_count_the_draws_of_each_example()
    {
        const int Draws = 5000;
        using var votes = MonteCarlo.Vote(new Classifier(new Coin(0.3), Bounds.Unit), _x, Draws, seed: 2);
        votes.Ballots.Should().Be(Draws);
        votes.Labels.data<long>().ToArray().Should().Equal(2, 2, 2);
        var counts = Numbers.Of(votes.Counts);
        for (var row = 0; row < 3; row++)
        {
            counts[3 * row].Should().Be(0);
            counts[3 * row + 1].Should().BeApproximately(0.3 * Draws, 4 * Math.Sqrt(0.21 * Draws));
            (counts[3 * row + 1] + counts[3 * row + 2]).Should().Be(Draws);
        }
        counts[1].Should().NotBe(counts[4], "each example has draws of its own");
    }

    [Fact]
    public void A_deterministic_model_runs_once()
    {
        var model = new Classifier(new Fixed(1, 3, 2), Bounds.Unit);
        using var votes = MonteCarlo.Vote(model, _x, 50);
        Numbers.Of(votes.Counts).Should().Equal(0, 50, 0, 0, 50, 0, 0, 50, 0);
        votes.Ballots.Should().Be(50);
        Numbers.Of(MonteCarlo.Average(model, _x, 50)).Take(3).Sum().Should().BeApproximately(1, 1e-6);
        model.Queries.Forward.Should().Be(6);
    }

    [Fact]
    public void The_smaller_of_equal_classes_gets_the_vote_and_the_label()
    {
        using var votes = MonteCarlo.Vote(new Classifier(new Fixed(1, 3, 3), Bounds.Unit), _x, 2);
        Numbers.Of(votes.Counts).Take(3).Should().Equal(0, 2, 0);
        using var tie = MonteCarlo.Vote(new Classifier(new VotingNetwork([new Fixed(0, 0, 9), new Fixed(0, 9, 0)]), Bounds.Unit), _x, 1);
        tie.Labels.data<long>().ToArray().Should().Equal(1, 1, 1);
    }

    [Fact]
    public void A_seed_decides_the_draws_and_leaves_the_streams_of_the_model_alone()
    {
        var network = new Coin(0.5);
        var model = new Classifier(network, Bounds.Unit);
        var (first, second) = (Of(model, 1), Of(model, 1));
        first.Should().Equal(second).And.NotEqual(Of(model, 2));
        var next = Numbers.Of(model.Logits(_x));
        network.Reseed(1);
        next.Should().Equal(Numbers.Of(model.Logits(_x)));
    }

    [Fact]
    public void Without_a_seed_draws_go_on_in_the_streams_of_the_model()
    {
        var network = new Coin(0.5);
        var model = new Classifier(network, Bounds.Unit);
        var (first, second) = (Of(model, null), Of(model, null));
        first.Should().NotEqual(second);
        network.Reseed(1);
        Of(model, null).Should().Equal(first);
        Of(model, null).Should().Equal(second);
    }

    [Fact]
    public void More_draws_than_fit_one_pass_are_all_counted()
    {
        using var votes = MonteCarlo.Vote(new Classifier(new Coin(0.5), Bounds.Unit), full(1500, 1, 0.5), 7);
        Numbers.Of(votes.Counts.sum(1)).Should().OnlyContain(count => count == 7);
        Numbers.Of(votes.Counts.sum(dim: 0))[1].Should().BeApproximately(0.5 * 7 * 1500, 4 * Math.Sqrt(0.25 * 7 * 1500));
    }

    [Fact]
    public void Intervals_are_those_of_Clopper_and_Pearson()
    {
        using var votes = MonteCarlo.Vote(new Classifier(new Fixed(1, 3, 2), Bounds.Unit), _x, 10);
        votes.Intervals().Should().HaveCount(3).And.OnlyContain(interval => interval.Upper == 1 && Math.Abs(interval.Lower - Math.Pow(0.025, 0.1)) < 1e-9);
        var others = votes.Intervals(zeros(3, dtype: ScalarType.Int64), 0.9);
        others.Should().OnlyContain(interval => interval.Lower == 0 && Math.Abs(interval.Upper - (1 - Math.Pow(0.05, 0.1))) < 1e-9);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var model = new Classifier(new Coin(0.5), Bounds.Unit);
        Leaks.None(() => MonteCarlo.Average(model, _x, 5).Dispose());
        Leaks.None(() => MonteCarlo.Vote(model, _x, 5).Dispose());
        Leaks.None(() =>
        {
            using var votes = MonteCarlo.Vote(model, _x, 5);
            votes.Intervals();
        });
    }

    [Fact]
    public void Arguments_are_checked()
    {
        var model = new Classifier(new Coin(0.5), Bounds.Unit);
        FluentActions.Invoking(() => MonteCarlo.Average(null!, _x, 1)).Should().Throw<ArgumentNullException>().WithParameterName("model");
        FluentActions.Invoking(() => MonteCarlo.Average(model, _x, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("draws");
        FluentActions.Invoking(() => MonteCarlo.Average(model, _x * 3, 1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("x");
        FluentActions.Invoking(() => MonteCarlo.Average(model, _x * double.NaN, 1)).Should().Throw<ArgumentException>().WithParameterName("x");
        FluentActions.Invoking(() => MonteCarlo.Vote(model, zeros(0, 4), 1)).Should().Throw<ArgumentException>().WithParameterName("x");
        using var votes = MonteCarlo.Vote(model, _x, 3);
        FluentActions.Invoking(() => votes.Intervals(1.5)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => votes.Intervals(full(3, 7L, dtype: ScalarType.Int64))).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("classes");
        var training = Wobbly.Network();
        training.train();
        FluentActions.Invoking(() => MonteCarlo.Vote(new Classifier(training, Bounds.Unit), full(2, 16, 0.5), 1)).Should().Throw<InvalidOperationException>()
            .WithMessage("*training mode*");
    }

    private double[] Of(Classifier model, ulong? seed)
    {
        using var average = MonteCarlo.Average(model, _x, 25, seed);
        return Numbers.Of(average);
    }
}
