using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Inference;

public sealed class DecidingNetworkTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = Numbers.Uniform([4, 16], seed: 3);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void An_ensemble_averages_probabilities()
    {
        using var ensemble = new AveragingNetwork([new Fixed(0, 0, 0), new Fixed(MathF.Log(2), 0, 0)]);
        var probabilities = Numbers.Of(ensemble.Probabilities(_x));
        foreach (var (actual, expected) in probabilities.Zip([1 / 6d + 1 / 4d, 1 / 6d + 1 / 8d, 1 / 6d + 1 / 8d])) actual.Should()
            .BeApproximately(expected, 1e-6);
        Numbers.Of(ensemble.call(_x).exp()).Should().Equal(probabilities);
    }

    [Fact]
    public void Sure_networks_that_disagree_leave_every_logit_finite()
    {
        using var ensemble = new AveragingNetwork([new Fixed(0, 500, -500), new Fixed(500, 0, -500)]);
        var logits = Numbers.Of(ensemble.call(_x));
        logits.Should().OnlyContain(logit => double.IsFinite(logit));
        logits[0].Should().BeApproximately(-Math.Log(2), 1e-5);
        logits[1].Should().BeApproximately(-Math.Log(2), 1e-5);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_fixed_draw_is_one_decision_made_of_as_many_draws(bool perSample)
    {
        using var network = Wobbly.Network(perSample: perSample);
        using var averaging = new AveragingNetwork(network, 3);
        var expected = new double[12];
        for (var draw = 6; draw < 9; draw++)
            using (network.FixDraw(draw))
                foreach (var (i, p) in Numbers.Of(network.call(_x).softmax(-1)).Index()) expected[i] += p / 3;
        using (averaging.FixDraw(2))
        {
            foreach (var (actual, mean) in Numbers.Of(averaging.Probabilities(_x)).Zip(expected)) actual.Should().BeApproximately(mean, 1e-5);
            Numbers.Of(averaging.call(_x)).Should().Equal(Numbers.Of(averaging.call(_x)));
            foreach (var (part, whole) in Numbers.Of(averaging.call(_x.narrow(0, 1, 2))).Zip(Numbers.Of(averaging.call(_x)).Skip(3))) part.Should()
                .BeApproximately(whole, 1e-5, "the batch does not matter");
            network.StochasticLayers().Should().OnlyContain(found => found.Layer.FixedDraw == 2, "the draw is restored after each pass");
        }
        Numbers.Of(averaging.call(_x)).Should().NotEqual(Numbers.Of(averaging.call(_x)));
    }

    [Fact]
    public void The_size_of_a_pass_changes_nothing()
    {
        using var network = Wobbly.Network();
        using var averaging = new AveragingNetwork(network, 10);
        using var voting = new VotingNetwork(Wobbly.Network(), 10);
        var results = new[] { 1, 8, 1024 }.Select(rows =>
        {
            averaging.RowsPerPass = voting.RowsPerPass = rows;
            averaging.Reseed(5);
            voting.Reseed(5);
            return (Average: Numbers.Of(averaging.call(_x)), Votes: Numbers.Of(voting.Vote(_x).Counts));
        }).ToArray();
        foreach (var other in results)
        {
            foreach (var (a, b) in other.Average.Zip(results[0].Average)) a.Should().BeApproximately(b, 1e-5);
            other.Votes.Should().Equal(results[0].Votes);
        }
    }

    [Fact]
    public void The_gradient_is_that_of_the_mean_probability_through_all_draws()
    {
        using var averaging = new AveragingNetwork(Wobbly.Network().to(ScalarType.Float64), 4);
        var model = new Classifier(averaging, Bounds.Unit);
        var x = _x.to_type(ScalarType.Float64);
        using var fixedDraw = averaging.FixDraw(1);
        var gradient = Numbers.Of(model.Gradient(x, logits => logits.select(1, 0)));
        for (var i = 0; i < 16; i += 5)
        {
            var step = zeros_like(x);
            step[0, i] = 1e-5;
            var slope = (averaging.call(x + step) - averaging.call(x - step)).select(1, 0).sum().ToDouble() / 2e-5;
            gradient[i].Should().BeApproximately(slope, 1e-7);
        }
    }

    [Fact]
    public void Votes_are_counted_for_every_network_and_draw()
    {
        using var voting = new VotingNetwork([new Fixed(5, 0, 0), new Coin(0.5), new Fixed(0, 0, 5)], 20);
        using var votes = voting.Vote(_x);
        votes.Ballots.Should().Be(60);
        var counts = Numbers.Of(votes.Counts);
        for (var row = 0; row < 4; row++)
        {
            counts[3 * row].Should().Be(20, "a network that does not draw has as many votes as one that does");
            (counts[3 * row + 1] + counts[3 * row + 2]).Should().Be(40);
            counts[3 * row + 2].Should().BeInRange(20, 40);
        }
    }

    [Fact]
    public void The_logits_of_a_vote_are_the_logarithms_of_its_shares()
    {
        using var voting = new VotingNetwork([new Fixed(5, 0, 0), new Fixed(5, 0, 0), new Fixed(0, 0, 5)]);
        var logits = Numbers.Of(voting.call(_x));
        foreach (var (actual, share) in logits.Zip([(2 + 1 / 3d) / 4, (1 / 3d) / 4, (1 + 1 / 3d) / 4])) actual.Should().BeApproximately(Math.Log(share), 1e-6);
        logits.Take(3).Sum(Math.Exp).Should().BeApproximately(1, 1e-6);
    }

    [Fact]
    public void A_vote_has_no_gradient_but_straight_through_that_of_the_mean_of_the_same_draws()
    {
        using var network = Wobbly.Network();
        using var voting = new VotingNetwork(network, 4);
        using var averaging = new AveragingNetwork(network, 4);
        using var fixedDraw = network.FixDraw(1);
        var votes = new Classifier(voting, Bounds.Unit);
        Func<Tensor, Tensor> loss = logits => logits.select(1, 0);
        FluentActions.Invoking(() => votes.Gradient(_x, loss)).Should().Throw<InvalidOperationException>().WithMessage("*vote*StraightThrough*");
        using var look = new StraightThrough(votes).Differentiate(_x, loss);
        Numbers.Of(look.Logits).Should().Equal(Numbers.Of(voting.call(_x)));
        foreach (var (a, b) in Numbers.Of(look.Gradient).Zip(Numbers.Of(new Classifier(averaging, Bounds.Unit).Gradient(_x, loss)))) a.Should()
            .BeApproximately(b, 1e-6);
    }

    [Fact]
    public void A_decision_is_a_model_like_any_other()
    {
        using var averaging = new AveragingNetwork(Wobbly.Network(), 8);
        var model = new Classifier(averaging, Bounds.Unit);
        model.IsRandom.Should().BeTrue();
        averaging.StochasticLayers().Should().ContainSingle().Which.Path.Should().Be("0.noise");
        averaging.training.Should().BeFalse();
        averaging.state_dict().Keys.Should().Equal("0.first.weight", "0.first.bias", "0.last.weight", "0.last.bias");
        var looks = model.ComputeLogits(_x, 200);   // (200, N, classes)
        var single = new Classifier(Wobbly.Network(), Bounds.Unit).ComputeLogits(_x, 200);
        var (spread, spreadOfOne) = (looks.softmax(-1).var(0).mean().ToDouble(), single.softmax(-1).var(0).mean().ToDouble());
        (spread / spreadOfOne).Should().BeApproximately(1 / 8d, 4 * Math.Sqrt(2 / 200d) / 8 * 2, "a mean of eight varies by an eighth");
        using (new WithoutRandomness(model).Logits(_x)) averaging.IsRandom().Should().BeTrue();
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using var averaging = new AveragingNetwork(Wobbly.Network(), 8);
        using var voting = new VotingNetwork(Wobbly.Network(), 8);
        using var region = new RegionNetwork(Wobbly.Network(), 0.1, Bounds.Unit, 8);
        foreach (Module module in new Module[] { averaging, voting, region })
        {
            Leaks.None(() => module.call(_x).Dispose());
            Leaks.None(() => new StraightThrough(new Classifier(module, Bounds.Unit)).Gradient(_x, logits => logits.select(1, 0)).Dispose());
        }
        Leaks.None(() => averaging.Probabilities(_x).Dispose());
        Leaks.None(() => voting.Vote(_x).Dispose());
    }

    [Fact]
    public void Arguments_are_checked()
    {
        using var network = Wobbly.Network();
        FluentActions.Invoking(() => new AveragingNetwork(network, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("draws");
        FluentActions.Invoking(() => new AveragingNetwork((Module)null!, 1)).Should().Throw<ArgumentNullException>().WithParameterName("network");
        FluentActions.Invoking(() => new VotingNetwork(Array.Empty<Module>())).Should().Throw<ArgumentException>().WithParameterName("networks");
        FluentActions.Invoking(() => new VotingNetwork([network, null!])).Should().Throw<ArgumentException>().WithParameterName("networks");
        FluentActions.Invoking(() => new VotingNetwork(network, 2).RowsPerPass = 0).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new RegionNetwork(network, 0, Bounds.Unit, 3)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("radius");
        FluentActions.Invoking(() => new RegionNetwork(network, 0.1, new Bounds(1, 0), 3)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("bounds");
        FluentActions.Invoking(() => new RegionNetwork(network, 0.1, Bounds.Unit, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("points");
        FluentActions.Invoking(() => new VotingNetwork(network, 2).Vote(zeros(0, 16))).Should().Throw<ArgumentException>().WithParameterName("x");
    }
}
