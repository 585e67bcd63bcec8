using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Each view answers as its definition says: the mean of draws, one draw, no chance.</summary>
public sealed class ViewTests
{
    [Fact]
    public void Eot_folded_equals_the_mean_over_single_draws_of_the_same_numbers()
    {
        using var network = Noisy(0.5);
        var model = new Classifier(network, Bounds.Unit);
        using var x = full([3, 12], 0.5);
        using var scope = NewDisposeScope();
        network.Reseed(4);
        var folded = new Eot(model, 6).Differentiate(x, Curved);
        network.Reseed(4);
        // The same numbers by hand: one noise tensor for six repetitions.
        var repeated = x.repeat(6, 1);
        var byHand = model.Differentiate(repeated, Curved);
        (folded.Gradient - byHand.Gradient.view(6, 3, 12).mean([0])).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (folded.Loss - byHand.Loss.view(6, 3).mean([0])).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (folded.Logits.exp() - byHand.Logits.view(6, 3, 4).softmax(-1).mean([0])).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Eot_in_chunks_has_the_same_mean_as_eot_in_one_pass()
    {
        using var network = Noisy(0.3);
        var model = new Classifier(network, Bounds.Unit);
        using var x = full([100, 12], 0.5);
        using var scope = NewDisposeScope();
        network.Reseed(4);
        var chunked = new Eot(model, 500).Gradient(x, Curved).mean([0]);   // 2 draws fit a pass of 100 rows
        var single = new Eot(model, 500).Gradient(x.narrow(0, 0, 1), Curved);
        var draws = model.Gradient(x.narrow(0, 0, 1).repeat(4000, 1), Curved);
        var deviation = draws.std(0);
        ((chunked - draws.mean([0])).abs() / (deviation / Math.Sqrt(4000))).max().ToDouble().Should().BeLessThan(5);
        ((single - draws.mean([0])).abs() / (deviation / Math.Sqrt(500))).max().ToDouble().Should().BeLessThan(5);
    }

    [Fact]
    public void Draws_share_the_computation_before_the_first_random_layer()
    {
        var counting = new Counting();
        using var network = nn.Sequential(("counting", counting), ("inner", nn.Sequential(("noise", new GaussianNoise(0.2)))), ("linear", new LinearModel()));
        network.eval();
        var model = new Classifier(network, Bounds.Unit);
        using var x = full([3, 12], 0.5);
        using var logits = model.ComputeLogits(x, 5);
        logits.shape.Should().Equal(5, 3, 4);
        counting.Rows.Should().Be(3);
        using var scope = NewDisposeScope();
        logits.std(0).min().ToDouble().Should().BeGreaterThan(0, "every draw is another one");
    }

    [Fact]
    public void Fixed_randomness_is_one_deterministic_network_whatever_the_batch()
    {
        using var network = Noisy(0.5);
        var model = new FixedDraw(new Classifier(network, Bounds.Unit), 7);
        using var x = rand(6, 12);
        using var scope = NewDisposeScope();
        model.IsRandom.Should().BeFalse();
        var all = model.Logits(x);
        (all - cat([model.Logits(x.narrow(0, 0, 2)), model.Logits(x.narrow(0, 2, 4))])).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (all - new FixedDraw(new Classifier(network, Bounds.Unit), 8).Logits(x)).abs().max().ToDouble().Should().BeGreaterThan(0.01);
        network.StochasticLayers().Should().OnlyContain(found => found.Layer.FixedDraw == null);
    }

    [Fact]
    public void Draw_k_is_the_same_network_for_an_attacker_as_for_anyone()
    {
        using var network = Noisy(0.5);
        using var x = full([4, 12], 0.5);
        var model = new FixedDraw(new Classifier(network, Bounds.Unit), 3);
        using var outside = model.Logits(x);
        using var lent = model.LendStreams(99);
        using var inside = model.Logits(x);
        using var same = outside.equal(inside).all();
        same.ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Without_randomness_every_layer_computes_its_deterministic_form()
    {
        using var network = Noisy(0.5);
        using var x = full([4, 12], 0.5);
        using var scope = NewDisposeScope();
        var view = new WithoutRandomness(new Classifier(network, Bounds.Unit));
        view.IsRandom.Should().BeFalse();
        (view.Logits(x) - ((LinearModel)network[1]).Classifier().Logits(x)).abs().max().ToDouble().Should().Be(0);
    }

    [Fact]
    public void Straight_through_keeps_the_forward_pass_and_differentiates_the_surrogate()
    {
        using var network = nn.Sequential(("jump", new JumpReLU(0.6)), ("linear", new LinearModel()));
        network.eval();
        using var x = full([2, 12], 0.5);   // every element is below the jump: the network is blind
        var model = new Classifier(network, Bounds.Unit);
        using var scope = NewDisposeScope();
        var through = new StraightThrough(model);
        (through.Logits(x) - model.Logits(x)).abs().max().ToDouble().Should().BeLessThan(1e-6);
        model.Gradient(x, logits => logits.select(1, 0)).abs().max().ToDouble().Should().Be(0);
        var expected = ((LinearModel)network[1]).Weight.detach().select(0, 0);
        (through.Gradient(x, logits => logits.select(1, 0)) - expected).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Surrogates_average_their_models()
    {
        using var first = new LinearModel(seed: 1);
        using var second = new LinearModel(seed: 2);
        using var x = full([2, 12], 0.5);
        using var scope = NewDisposeScope();
        var both = new Surrogates([first.Classifier(), second.Classifier()]);
        var mean = (first.Weight.detach().select(0, 1) + second.Weight.detach().select(0, 1)) / 2;
        (both.Gradient(x, logits => logits.select(1, 1)) - mean).abs().max().ToDouble().Should().BeLessThan(1e-6);
        ((Action)(() => _ = new Surrogates([]))).Should().Throw<ArgumentException>();
        ((Action)(() => _ = new Surrogates([first.Classifier(), second.Classifier(new Bounds(-1, 1))]))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void An_attack_on_fixed_randomness_fools_the_draw_that_it_sees()
    {
        using var network = Noisy(0.2);
        network.Reseed(6);
        var (x, labels) = ((LinearModel)network[1]).Data(30);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var view = new FixedDraw(new Classifier(network, Bounds.Unit), 1);
        var right = view.Logits(x).argmax(1);
        using var result = new Pgd(0.5) { Restarts = 1, Seed = 1 }.Run(view, x, right);
        result.Met.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.9);
        view.Logits(result.Adversarial).argmax(1).ne(right).equal(result.Met).all().ToBoolean().Should().BeTrue();
    }

    private static Tensor Curved(Tensor logits) => logits.sin().sum(1);

    private static TorchSharp.Modules.Sequential Noisy(double std)
    {
        var network = nn.Sequential(("noise", new GaussianNoise(std)), ("linear", new LinearModel()));
        network.eval();
        return network;
    }

    private sealed class Counting : nn.Module<Tensor, Tensor>
    {
        internal Counting() : base(nameof(Counting)) { }

        internal long Rows { get; private set; }

        public override Tensor forward(Tensor x)
        {
            Rows += x.shape[0];
            return x.alias();
        }
    }
}
