using System.Reflection;
using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Every attack of the plan for a model is run, with few steps, and leaves the model and its streams as they were.</summary>
public sealed class WholePlanTests
{
    private const int Count = 2;

    // The options that make an attack long, with small values.
    private static readonly Dictionary<string, object> s_short = new()
    {
        ["Steps"] = 2, ["Restarts"] = 1, ["Candidates"] = 3, ["SearchSteps"] = 2, ["FirstQueries"] = 3, ["MostQueries"] = 4, ["StartTries"] = 3,
            ["Samples"] = 2, ["Draws"] = 2, ["Targets"] = 1, ["Tries"] = 2,
        ["DecisionDraws"] = 3,
    };

    [Theory]
    [InlineData("pruning")]
    [InlineData("mvm")]
    [InlineData("dropout")]
    [InlineData("spiking")]
    [InlineData("jump")]
    [InlineData("switching")]
    [InlineData("noise")]
    [InlineData("detector")]
    public void Runs_from_end_to_end_and_leaves_everything_as_it_was(string defense)
    {
        using var network = Network(defense);
        var model = new Classifier(network, Bounds.Unit);
        var plan = AdaptiveAttacks.For(model, detectors: defense == "detector" ? [new DetectorLimit(new Mean(), 0.6)] : null);
        using var x = Numbers.Uniform([Count, 1, 4, 4]);
        using var labels = zeros([Count], dtype: ScalarType.Int64);
        using var expected = Answers(network, x, () => { });
        var state = State(network);
        using var found = Answers(network, x, () =>
        {
            foreach (var planned in plan) Leaks.None(() => Run(planned, model, x, labels), allowed: 0);
        });
        using var same = found.equal(expected).all();
        same.ToBoolean().Should().BeTrue("the defense draws from its own stream");
        State(network).Should().Equal(state);
        if (defense == "detector") plan.Should().Contain(planned => planned.Goal != null, "or the detector was not attacked");
    }

    private static void Run(PlannedAttack planned, Classifier model, Tensor x, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var attack = Shortened(planned.Make(0.1)) with { Seed = 7 };
        var view = planned.View.Of(model);
        using var result = planned.Goal is { } goal ? attack.Run(view, x, goal(labels)) : attack.Run(view, x, labels);
        result.Adversarial.shape.Should().Equal(x.shape);
        using var within = result.Adversarial.ge(0).logical_and(result.Adversarial.le(1)).all();
        within.ToBoolean().Should().BeTrue($"{planned.Name} stays within the bounds");
        result.Met.shape.Should().Equal(Count);
        result.Size.isfinite().all().ToBoolean().Should().BeTrue();
    }

    // The draws of the network before and after something is done to it.
    private static Tensor Answers(nn.Module<Tensor, Tensor> network, Tensor x, Action between)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        network.Reseed(2);
        var first = network.call(x);
        using (enable_grad()) between();
        return cat([first, network.call(x)]).MoveToOuterDisposeScope();
    }

    private static string[] State(nn.Module<Tensor, Tensor> network)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. network.modules().Prepend(network).Select(module => $"{module.training}"),
            .. network.named_parameters()
                .Select(found => $"{found.name} {found.parameter.requires_grad} {found.parameter.grad is null} {found.parameter.sum().ToDouble():R}"),
            .. network.StochasticLayers()
                .Select(found => $"{found.Path} {found.Layer.ActiveIn} {found.Layer.FixedDraw} {found.Layer.IsActive} {found.Layer.UseSurrogate}"),
        ];
    }

    // A copy with few steps, as `with` would make it, also of attacks within it.
    private static Attack Shortened(Attack attack)
    {
        if (attack is WorstOf worst) return new WorstOf([.. worst.Attacks.Select(Shortened)]) { Loss = worst.Loss };
        var copy = (Attack)attack.GetType().GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(attack, null)!;
        foreach (var property in copy.GetType().GetProperties().Where(property => s_short.ContainsKey(property.Name) && property.PropertyType == typeof(int)))
            property.SetValue(copy, s_short[property.Name]);
        return copy;
    }

    private static nn.Module<Tensor, Tensor> Network(string defense)
    {
        nn.Module<Tensor, Tensor> network = defense switch
        {
            "pruning" => Chain(new StochasticActivationPruning()),
            "mvm" => Chain(new MvmSampling()),
            "dropout" => Chain(new DefensiveDropout(0.3)),
            "spiking" => Chain(new RandomSpiking()),
            "jump" => Chain(new JumpReLU(0.2)),
            "switching" => new SwitchingNetwork(
            [new SwitchingBlock([Chain(nn.Identity(), 4), Chain(nn.ReLU(), 4)]), new SwitchingBlock([new LinearModel(4), new LinearModel(4, seed: 2)])]),
            _ => Chain(new GaussianNoise(0.1)),
        };
        network.eval();
        return network;
    }

    private static TorchSharp.Modules.Sequential Chain(nn.Module<Tensor, Tensor> layer, long classes = 4) =>
        nn.Sequential(("layer", layer), ("flat", nn.Flatten()), ("linear", new LinearModel(16, classes)));

    private sealed class Mean : IDetectorScore
    {
        public bool IsDifferentiable => true;

        public Tensor Score(Tensor images) => images.flatten(1).mean([1]);
    }
}
