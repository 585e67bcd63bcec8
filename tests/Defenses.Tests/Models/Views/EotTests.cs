using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>What is averaged, how clear the average is, and how many draws it takes: on models whose gradient noise is known.</summary>
public sealed class EotTests
{
    private const long Inputs = 2000;

    // Every element of the gradient is w·(1 + σn): the mean of k draws stands √k/σ out of its noise, everywhere.
    [Theory]
    [InlineData(4.0, 64)]
    [InlineData(0.5, 25)]
    public void The_signal_of_a_known_noise_is_the_root_of_the_draws_over_its_size(double noise, int draws)
    {
        using var network = NoisyGradients(noise);
        using var x = full([3, Inputs], 0.5);
        using var signal = new Eot(new Classifier(network, Bounds.Unit), draws).Signal(x, FirstLogit);
        var expected = Math.Sqrt(draws) / noise;
        using var scope = NewDisposeScope();
        signal.Draws.Should().Be(draws);
        signal.PerElement.shape.Should().Equal(3, Inputs);
        // An example has 2000 elements: the noise is known to a percent, the signal to about 1/expected of 2 %.
        foreach (var ratio in Numbers.Of(signal.PerExample)) (ratio / expected).Should().BeInRange(0.9, 1.1);
        // |N(expected, 1)|/χ of one element: its median lies at the ratio but for the bias of a small number of draws.
        (signal.Quantile(0.5) / expected).Should().BeInRange(0.9, 1.1);
        signal.Mean.Should().BeGreaterThan(signal.Quantile(0.2));
        signal.Quantile(1).Should().Be(signal.PerElement.max().ToSingle());
        signal.Quantile(0).Should().Be(signal.PerElement.min().ToSingle());
    }

    [Fact]
    public void Pure_noise_has_no_signal_and_a_deterministic_model_no_noise()
    {
        using var blind = nn.Sequential(("noise", new SignFlips()), ("linear", new LinearModel(Inputs)));
        blind.eval();
        using var x = full([4, Inputs], 0.5);
        using var none = new Eot(new Classifier(blind, Bounds.Unit), 50).Signal(x, FirstLogit);
        using var scope = NewDisposeScope();
        none.PerExample.max().ToDouble().Should().BeLessThan(0.5);
        none.Quantile(0.9).Should().BeLessThan(2.2, "a sign that is a guess leaves two standard errors once in twenty");
        using var still = new LinearModel();
        using var y = full([2, 12], 0.5);
        using var clear = new Eot(still.Classifier(), 3).Signal(y, FirstLogit);
        clear.PerExample.isinf().all().ToBoolean().Should().BeTrue();
        using var flat = new Eot(still.Classifier(), 3).Signal(y, logits => logits.select(1, 0) * 0);
        flat.PerElement.eq(0).all().ToBoolean().Should().BeTrue("no gradient is no signal");
    }

    [Fact]
    public void Draws_are_added_until_the_signal_is_clear_and_no_further_than_the_cap()
    {
        using var network = NoisyGradients(3);
        network.Reseed(4);
        var model = new Classifier(network, Bounds.Unit);
        using var x = full([5, Inputs], 0.5);
        // √k/3 reaches 2 at k = 36: the fifth look of eight draws, give or take one.
        Used(new Eot(model, 8) { MostDraws = 1000 }).Should().BeInRange(5 * 32, 5 * 48);
        Used(new Eot(model, 8) { MostDraws = 1000, ClearSignal = 0.5 }).Should().Be(5 * 16, "noise shows with the second look");
        Used(new Eot(model, 8) { MostDraws = 30 }).Should().Be(5 * 24, "a fourth look would exceed the cap");
        Used(new Eot(model, 8) { MostDraws = 8 }).Should().Be(5 * 8);
        Used(new Eot(model, 8)).Should().Be(5 * 8);

        long Used(Eot view)
        {
            var before = model.Queries.Backward;
            view.Gradient(x, FirstLogit).Dispose();
            return model.Queries.Backward - before;
        }
    }

    [Fact]
    public void A_grown_average_is_the_mean_over_all_its_draws()
    {
        using var network = NoisyGradients(1);
        var model = new Classifier(network, Bounds.Unit);
        using var x = full([2, Inputs], 0.5);
        using var scope = NewDisposeScope();
        network.Reseed(4);
        var grown = new Eot(model, 6) { MostDraws = 18, ClearSignal = 100 }.Differentiate(x, FirstLogit);
        network.Reseed(4);
        var plain = Enumerable.Range(0, 3).Select(_ => new Eot(model, 6).Differentiate(x, FirstLogit)).ToArray();
        (grown.Gradient - plain.Select(look => look.Gradient).Aggregate((a, b) => a + b) / 3).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (grown.Loss / (plain.Select(look => look.Loss).Aggregate((a, b) => a + b) / 3) - 1).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (grown.Logits.exp() - plain.Select(look => look.Logits.exp()).Aggregate((a, b) => a + b) / 3).abs().max().ToDouble().Should().BeLessThan(1e-5);
    }

    // 7 draws of 100 rows take several passes, and a layer that draws for the batch goes one by one.
    [Theory]
    [InlineData(3, true)]
    [InlineData(100, true)]
    [InlineData(3, false)]
    public void The_gradient_of_mean_probabilities_is_that_of_one_graph_over_all_draws(int rows, bool perSample)
    {
        using var network = nn.Sequential(("noise", new Scale(perSample)), ("linear", new LinearModel(scale: 2)));
        network.eval();
        var model = new Classifier(network, Bounds.Unit);
        using var x = Numbers.Uniform([rows, 12]);
        using var labels = zeros([rows], dtype: ScalarType.Int64);
        using var scope = NewDisposeScope();
        network.Reseed(4);
        var look = new Eot(model, 7) { Average = EotAverage.Probabilities }.Differentiate(x, logits => Loss.CrossEntropy.Value(logits, Goal.Avoid(labels)));
        network.Reseed(4);
        var seed = network.DrawSeed();
        using var again = model.LendNumbers(seed);
        var leaf = x.alias().detach().requires_grad_(true);
        // The layer draws one number after another, in the order of the draws and, within, of the rows.
        var draws = Enumerable.Range(0, 7).Select(_ => network.call(leaf).softmax(-1)).ToArray();
        var loss = -stack(draws).mean([0]).select(1, 0).log();
        var expected = autograd.grad([loss.sum()], [leaf])[0];
        (look.Gradient - expected).abs().max().ToDouble().Should().BeLessThan(2e-5);
        (look.Loss - loss.detach()).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (look.Logits.exp().sum(1) - 1).abs().max().ToDouble().Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Mean_probabilities_of_a_sure_network_stay_finite_and_a_deterministic_one_is_seen_once()
    {
        using var sure = nn.Sequential(("noise", new GaussianNoise(0.01)), ("linear", new LinearModel(scale: 1000)));
        sure.eval();
        using var x = Numbers.Uniform([4, 12]);
        using var labels = zeros([4], dtype: ScalarType.Int64);
        using var scope = NewDisposeScope();
        var gradient = new Eot(new Classifier(sure, Bounds.Unit), 5) { Average = EotAverage.Probabilities }.Gradient(x, Goal.Reach(labels).Margin);
        gradient.isfinite().all().ToBoolean().Should().BeTrue();
        gradient.abs().amax([1]).min().ToDouble().Should().BeGreaterThan(1);
        using var still = new LinearModel();
        var model = still.Classifier();
        var once = new Eot(model, 5) { Average = EotAverage.Probabilities, MostDraws = 50 }.Gradient(x, FirstLogit);
        model.Queries.Should().Be(new Queries(4, 4));
        (once - still.Weight.detach().select(0, 0)).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void An_attack_through_it_is_repeatable_and_leaves_no_trace()
    {
        using var network = nn.Sequential(("noise", new GaussianNoise(0.2)), ("linear", new LinearModel()));
        network.eval();
        network.Reseed(4);
        var view = new Eot(new Classifier(network, Bounds.Unit), 4) { Average = EotAverage.Probabilities, MostDraws = 16 };
        var (x, labels) = ((LinearModel)network[1]).Data(5);
        using var images = x;
        using var classes = labels;
        var attack = new Pgd(0.2) { Steps = 5, Restarts = 1, Seed = 8 };
        using var first = attack.Run(view, x, labels);
        using var second = attack.Run(view, x, labels);
        using var same = first.Adversarial.equal(second.Adversarial).all();
        same.ToBoolean().Should().BeTrue();
        using var after = network.call(x);
        network.Reseed(4);
        using var untouched = network.call(x);
        using var equal = after.equal(untouched).all();
        equal.ToBoolean().Should().BeTrue("the network's own stream must stand where it stood");
        Leaks.None(() => attack.Run(view, x, labels).Dispose());
        Leaks.None(() => view.Signal(x, FirstLogit).Dispose());
    }

    [Fact]
    public void Bad_options_are_refused()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        using var x = full([2, 12], 0.5);
        Refuses<ArgumentOutOfRangeException>(() => _ = new Eot(model, 8) { MostDraws = 7 }, "*MostDraws*8*7*");
        Refuses<ArgumentOutOfRangeException>(() => _ = new Eot(model, 8) { ClearSignal = 0 }, "*ClearSignal*");
        Refuses<ArgumentOutOfRangeException>(() => _ = new Eot(model, 8) { Average = (EotAverage)7 }, "*Average*");
        Refuses<InvalidOperationException>(() => new Eot(model, 1).Signal(x, FirstLogit), "*2 draws*");
        Refuses<ArgumentNullException>(() => new Eot(model, 2).Signal(x, null!), "*loss*");
        using var signal = new Eot(model, 2).Signal(x, FirstLogit);
        Refuses<ArgumentOutOfRangeException>(() => signal.Quantile(1.1), "*share*");
    }

    private static void Refuses<T>(Action act, string message) where T : Exception => act.Should().Throw<T>().WithMessage(message);

    private static Tensor FirstLogit(Tensor logits) => logits.select(1, 0);

    private static TorchSharp.Modules.Sequential NoisyGradients(double noise)
    {
        var network = nn.Sequential(("noise", new Multiplied(noise)), ("linear", new LinearModel(Inputs, scale: 0.01)));
        network.eval();
        network.Reseed(3);
        return network;
    }

    /// <summary>x·(1 + σn), each element.</summary>
    private sealed class Multiplied(double noise) : StochasticLayer(nameof(Multiplied))
    {
        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (x * (random.Normal(x) * noise + 1)).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }

    /// <summary>x or −x, each element: a gradient without a mean.</summary>
    private sealed class SignFlips() : StochasticLayer(nameof(SignFlips))
    {
        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (x * (random.Bernoulli(0.5, x) * 2 - 1)).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x * 0;
    }

    /// <summary>Each example times a number of its own, or all times one.</summary>
    private sealed class Scale(bool perSample) : StochasticLayer(nameof(Scale))
    {
        public override bool DrawsPerSample => perSample;

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            if (!perSample) return (x * (random.Uniform() * 2 - 0.5)).MoveToOuterDisposeScope();
            var numbers = Enumerable.Range(0, (int)x.shape[0]).Select(_ => (float)(random.Uniform() * 2 - 0.5)).ToArray();
            return (x * tensor(numbers).unsqueeze(1)).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x * 0.5;
    }
}
