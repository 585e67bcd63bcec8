using Defenses.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

/// <summary>Steps on f(w) = Σ kᵢ(wᵢ − 1)², k = (1, 2, 3), from w = (0.5, −1, 2).</summary>
public sealed class UpdateRuleTests
{
    [Fact]
    public void Sgd_takes_the_steps_that_TorchSharp_takes() => Steps(
        new SgdUpdate { Rate = LearningRate.Constant(0.1), Momentum = 0.9, WeightDecay = 0.01 },
        // TorchSharp 0.105.2, SGD(0.1, momentum 0.9, Nesterov, weight decay 0.01)
        [[0.68905f, 0.5219f, 0.85620004f], [0.88649684f, 1.5330744f, 0.5308852f], [1.050295f, 1.8634356f, 0.6950027f]]);

    [Fact]
    public void Adam_takes_the_steps_that_TorchSharp_takes() => Steps(
        new Defenses.Training.AdamUpdate { Rate = LearningRate.Constant(0.1) },
        // TorchSharp 0.105.2, Adam(0.1)
        [[0.59999996f, -0.90000004f, 1.9f], [0.69881254f, -0.80016655f, 1.8004122f], [0.7951287f, -0.70062345f, 1.7015862f]]);

    [Fact]
    public void Adadelta_takes_the_steps_that_PyTorch_takes() => Steps(
        new Defenses.Training.AdadeltaUpdate { Rate = LearningRate.Constant(1), WeightDecay = 0.01 },
        // PyTorch 1.13, Adadelta(lr 1, rho 0.9, eps 1e-6, weight decay 0.01)
        [[0.503162265f, -0.996837735f, 1.99683774f], [0.50639683f, -0.993595719f, 1.99359822f], [0.509673953f, -0.990300775f, 1.99030912f]]);

    [Fact]
    public void Plain_momentum_accumulates_gradients()
    {
        // v₁ = g₁, v₂ = 0.9·g₁ + g₂ with g = 2k(w − 1): for k = 1, w₀ = 0.5: w₁ = 0.5 + 0.1, w₂ = 0.6 + 0.1·(0.9 + 0.8)
        Steps(new SgdUpdate { Rate = LearningRate.Constant(0.1), Nesterov = false }, [[0.6f, -0.2f, 1.4f], [0.77f, 1.0f, 0.62f]]);
    }

    [Fact]
    public void A_parameter_without_gradient_keeps_its_value_and_its_count()
    {
        using var used = nn.Linear(1, 1);
        using var pair = nn.Sequential(("used", used), ("idle", nn.Linear(1, 1)));
        using var updates = new ParameterUpdates(pair, new Defenses.Training.AdamUpdate());
        var before = Nets.Weights(pair);
        used.weight.grad = ones(1, 1);
        updates.Apply(0.1);
        var after = Nets.Weights(pair);
        after[1..].Should().Equal(before[1..]);
        after[0].Should().BeApproximately(before[0] - 0.1f, 1e-6f, "Adam's first step is the rate");
        updates.State.Single(state => state.Name == "update.steps").Value.data<long>().ToArray().Should().Equal(1, 0, 0, 0);
    }

    [Fact]
    public void Rates_follow_their_schedule()
    {
        LearningRate.Constant(0.3).At(1000, 20).Should().Be(0.3);
        LearningRate.InverseTime(0.01, 1e-6).At(0, 0).Should().Be(0.01);
        LearningRate.InverseTime(0.01, 0.5).At(6, 0).Should().BeApproximately(0.01 / 4, 1e-18);
        var steps = LearningRate.Milestones(0.1, 0.2, 60, 120, 160);
        new[] { 0, 59, 60, 119, 120, 159, 160, 199 }.Select(epoch => steps.At(0, epoch))
            .Should().Equal([0.1, 0.1, 0.02, 0.02, 0.004, 0.004, 0.0008, 0.0008], (a, b) => Math.Abs(a - b) < 1e-15);
        steps.Should().Be(LearningRate.Milestones(0.1, 0.2, 60, 120, 160)).And.NotBe(LearningRate.Milestones(0.1, 0.2, 60, 120));
    }

    [Fact]
    public void Values_out_of_range_are_refused()
    {
        var act = (Action make) => make;
        act(() => _ = new SgdUpdate { Momentum = 1 }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Momentum*[0, 1)*");
        act(() => _ = new SgdUpdate { WeightDecay = -1 }).Should().Throw<ArgumentOutOfRangeException>();
        act(() => _ = new AdamUpdate { Epsilon = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        act(() => LearningRate.Constant(0)).Should().Throw<ArgumentOutOfRangeException>();
        act(() => LearningRate.Constant(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
        act(() => LearningRate.Milestones(1, 0.1, 5, 5)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*epochs*");
    }

    private static void Steps(UpdateRule rule, float[][] expected)
    {
        using var network = new Point();
        using var updates = new ParameterUpdates(network, rule);
        foreach (var w in expected)
        {
            using var scope = NewDisposeScope();
            (tensor(new float[] { 1, 2, 3 }) * (network.W - 1).pow(2)).sum().backward();
            updates.Apply(rule.Rate.At(0, 0));
            network.W.data<float>().ToArray().Should().Equal(w, (a, b) => Math.Abs(a - b) < 2e-6f);
        }
    }

    private sealed class Point : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter w = new(tensor(new float[] { 0.5f, -1, 2 }));

        internal Point() : base(nameof(Point)) => RegisterComponents();

        internal Parameter W => w;

        public override Tensor forward(Tensor x) => x * w;
    }
}
