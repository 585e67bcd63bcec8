using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Inference;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Every defense gets the attacks that are known to break its kind.</summary>
public sealed class AdaptiveAttacksTests
{
    private static readonly Type[] Modules = [.. typeof(Attack).Assembly.GetTypes().Where(type =>
        type is { IsPublic: true, IsAbstract: false } && typeof(nn.Module).IsAssignableFrom(type)
        && type.Namespace is "Defenses.Layers" or "Defenses.Switching" or "Defenses.Inference" && type.IsPublic && !type.IsAbstract
            && typeof(nn.Module).IsAssignableFrom(type))];

    [Fact]
    public void Every_layer_switch_and_decision_of_the_library_has_a_row()
    {
        Modules.Should().HaveCountGreaterThan(14).And.Contain([typeof(JumpReLU), typeof(SwitchingNetwork), typeof(AveragingNetwork)]);
        // A region network decides through the voting network inside it. The backward variants are the attacker's, in surrogates.
        Type[] without = [typeof(RegionNetwork), typeof(BackwardScale), typeof(LinearBackwardReLU)];
        Modules.Where(type => !without.Contains(type) && !AdaptiveRows.HasRow(type)).Should().BeEmpty("a new defense needs a row in AdaptiveRows");
        AdaptiveRows.HasRow(typeof(CoinFlip)).Should().BeFalse();
    }

    public static TheoryData<string, string[]> Rows() => new()
    {
        { "plain", ["AutoAttack/plain", "PGD/plain", "CW-PGD/plain", "Square/plain", "HopSkipJump/plain", "noise/plain"] },
        { "stranger", ["AutoAttack rand/plain", "CW-PGD/plain", "CW-PGD/EOT 20", "CW-PGD/fixed draw", "CW-PGD/no randomness",
            "CW-PGD/straight through, EOT 20", "Square/plain", "NES/plain", "HopSkipJump/plain"] },
        { "switching", ["CW-PGD/all paths", "ARC/all paths", "CW-PGD/EOT 20"] },
        { "pruning", ["CW-PGD/straight through, EOT 20", "CW-PGD/differentiated probabilities, EOT 20", "CW-PGD/EOT 20", "CW-PGD/fixed draw"] },
        { "mvm", ["CW-PGD/straight through, EOT 20", "CW-PGD/differentiated probabilities, EOT 20", "CW-PGD/EOT 20", "CW-PGD/fixed draw"] },
        { "dropout", ["CW-PGD/EOT 20", "CW-PGD/no randomness", "C&W/20 fixed draws"] },
        { "noise", ["CW-PGD/EOT 20", "CW-PGD/no randomness", "C&W/20 fixed draws"] },
        { "spiking", ["CW-PGD/EOT 20", "CW-PGD/no randomness", "C&W/20 fixed draws"] },
        { "jump", ["CW-PGD/straight through, EOT 20", "CW-PGD/smoothed jumps, EOT 20", "NES/plain", "Square/plain", "AutoAttack/plain"] },
        { "random jump", ["CW-PGD/straight through, EOT 20", "CW-PGD/EOT 20", "NES/plain", "Square/plain"] },
        { "winners", ["CW-PGD/straight through, EOT 20", "PGD over neighbors/plain", "PGD over neighbors/straight through, EOT 20", "NES/plain",
            "NES, far/plain", "Square/plain", "HopSkipJump/plain"] },
        { "quantized", ["CW-PGD/straight through, EOT 20", "PGD over neighbors/straight through, EOT 20", "NES/plain", "NES, far/plain", "Square/plain"] },
        { "custom jump", ["CW-PGD/straight through, EOT 20", "NES/plain", "Square/plain"] },
        { "bounded", ["CW-PGD/plain", "NES/plain"] },
        { "bits", ["CW-PGD/straight through, EOT 20", "NES/plain"] },
        { "jpeg", ["CW-PGD/straight through, EOT 20", "NES/plain"] },
        { "median", ["CW-PGD/straight through, EOT 20", "NES/plain"] },
        { "averaging", ["CW-PGD/EOT 20 of probabilities", "CW-PGD/straight through, EOT 20", "Square/plain", "C&W/20 fixed draws"] },
        { "voting", ["CW-PGD/straight through, EOT 20", "Square/plain"] },
        { "region", ["CW-PGD/straight through, EOT 20", "Square/plain"] },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_plan_holds_what_the_table_requires(string defense, string[] required)
    {
        using var network = Network(defense);
        var model = new Classifier(network, Bounds.Unit);
        var plan = AdaptiveAttacks.For(model);
        plan.Select(attack => $"{attack.Name}/{attack.View.Name}").Should().Contain(required).And.OnlyHaveUniqueItems();
        plan.Should().OnlyContain(attack => attack.Reason != "" && attack.Goal == null);
        var table = plan.ToString();
        foreach (var attack in plan) table.Should().Contain(attack.View.Name).And.Contain(attack.Reason);
        table.Should().Contain("surrogates");
        // Every attack can be made, every view can be evaluated, and the model is as before.
        using var x = Numbers.Uniform([2, 1, 8, 8]);
        network.Reseed(2);
        using var before = network.call(x);
        foreach (var attack in plan)
        {
            attack.Make(0.1).Should().BeAssignableTo<Attack>();
            Attack.ReferenceEquals(attack.Make(0.1).Norm, attack.Make(0.2).Norm).Should().BeTrue();
            using var scope = NewDisposeScope();
            var view = attack.View.Of(model, 3);
            using var lent = view.LendNumbers(1);
            view.Logits(x).shape.Should().Equal(2, 4);
            view.IsRandom.Should().Be(network.IsRandom() && !(attack.View.Name is "fixed draw" or "no randomness" or "20 fixed draws" or "all paths"));
            if (attack.View.Name != "plain") view.Gradient(x, logits => logits.select(1, 0)).isfinite().all().ToBoolean().Should().BeTrue();
        }

        network.Reseed(2);
        using var after = network.call(x);
        using var same = before.equal(after).all();
        same.ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Views_beyond_plain_show_what_plain_gradients_hide()
    {
        using var network = nn.Sequential(("jump", new JumpReLU(0.6)), ("flat", nn.Flatten()), ("linear", new LinearModel(64)));
        network.eval();
        var model = new Classifier(network, Bounds.Unit);
        using var x = full([1, 1, 8, 8], 0.55);   // just below every jump
        using var scope = NewDisposeScope();
        var weights = ((LinearModel)network[2]).Weight.detach().select(0, 0).view(1, 1, 8, 8);
        model.Gradient(x, First).abs().max().ToDouble().Should().Be(0);
        // x·σ(β(x − κ)) has the slope σ + xβσ(1 − σ); β = 10/0.6.
        var (beta, shift) = (10 / 0.6, 10 / 0.6 * (0.55 - 0.6));
        var sigmoid = 1 / (1 + Math.Exp(-shift));
        (new SmoothedJumps(model).Gradient(x, First) - weights * (sigmoid + 0.55 * beta * sigmoid * (1 - sigmoid))).abs().max().ToDouble().Should()
            .BeLessThan(1e-4);
        ((JumpReLU)network[0]).SurrogateSharpness.Should().BeNull();
        ((JumpReLU)network[0]).UseSurrogate.Should().BeFalse();
        ((Action)(() => _ = new SmoothedJumps(model, 0))).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*steepness*");
    }

    [Fact]
    public void Differentiated_probabilities_change_the_gradient_and_nothing_else()
    {
        using var pruning = new StochasticActivationPruning(0.5);
        using var network = nn.Sequential(("pruning", pruning), ("linear", new LinearModel()));
        network.eval();
        var model = new Classifier(network, Bounds.Unit);
        var view = new DifferentiableProbabilities(model);
        using var x = Numbers.Uniform([3, 12]);
        using var scope = NewDisposeScope();
        network.Reseed(1);
        var plain = model.Differentiate(x, First);
        network.Reseed(1);
        var through = view.Differentiate(x, First);
        (plain.Logits - through.Logits).abs().max().ToDouble().Should().BeLessThan(1e-5);
        pruning.DifferentiateProbabilities.Should().BeFalse();
        pruning.DifferentiateProbabilities = true;
        network.Reseed(1);
        var direct = model.Differentiate(x, First);
        (direct.Gradient - through.Gradient).abs().max().ToDouble().Should().BeLessThan(1e-5);
        (plain.Gradient - through.Gradient).abs().max().ToDouble().Should().BeGreaterThan(1e-3);
        view.Gradient(x, First).Dispose();
        pruning.DifferentiateProbabilities.Should().BeTrue("what was set stays set");
    }

    [Theory]
    [InlineData("region", true)]
    [InlineData("averaging", false)]
    public void The_plan_of_a_region_network_names_the_attack_on_the_network_behind_it(string defense, bool isTold)
    {
        using var network = Network(defense);
        AdaptiveAttacks.For(new Classifier(network, Bounds.Unit)).Notes.Any(note => note.Contains(nameof(OptMargin))).Should().Be(isTold);
    }

    [Fact]
    public void A_custom_function_without_a_row_is_named_because_it_may_jump()
    {
        using var network = Chain(new Steps());
        network.eval();
        AdaptiveAttacks.For(new Classifier(network, Bounds.Unit)).Notes.Should().Contain(note =>
            note.StartsWith("Nothing is known of Steps.") && note.Contains(nameof(ISurrogateGradient)));
        using var known = Network("winners");
        AdaptiveAttacks.For(new Classifier(known, Bounds.Unit)).Notes.Should().NotContain(note => note.StartsWith("Nothing is known"));
    }

    // One winner of three. The third would turn the answer, and has no gradient, for at the image the first one wins.
    [Fact]
    public void What_the_plan_adds_breaks_winners_that_hide_a_weakness_from_a_plain_gradient()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("winners", new KWinnersTakeAll(1 / 3d)), ("weights", nn.Linear(3, 2, hasBias: true)));
        using (no_grad())
        {
            ((TorchSharp.Modules.Linear)network[1]).weight.copy_(tensor(new float[,] { { 1, 1, 0 }, { 0, 0, 8 } }));
            ((TorchSharp.Modules.Linear)network[1]).bias!.zero_();
        }

        network.eval();
        var (model, x, labels) = (new Classifier(network, Bounds.Unit), tensor(new[] { 0.6f, 0.5f, 0.5f }).unsqueeze(0), tensor(new[] { 0L }));
        bool Breaks(PlannedAttack attack)
        {
            using var result = (attack.Make(0.08) with { Seed = 1 }).Run(attack.View.Of(model, 0), x, labels);
            return result.Met.item<bool>();
        }
        var plan = AdaptiveAttacks.For(model);
        var added = plan.Where(attack => attack.Reason.Contains(nameof(KWinnersTakeAll))).ToArray();
        model.Gradient(x, logits => logits.select(1, 1)).abs().max().ToDouble().Should().Be(0, "the third activation is no winner");
        added.Where(attack => attack.Name.StartsWith("NES", StringComparison.Ordinal)).Select(Breaks).Should().Contain(true);
        added.Where(attack => attack.Name == "CW-PGD").Select(Breaks).Should().Equal([true], "soft winners show it");
    }

    [Fact]
    public void Surrogates_and_detectors_add_transfer_and_evading_goals()
    {
        using var network = new LinearModel();
        using var second = new LinearModel(seed: 2);
        using var third = new LinearModel(seed: 3);
        var score = new DetectorLimit(new Mean(), 0.52);
        var plan = AdaptiveAttacks.For(network.Classifier(), Norm.L2, [network.Classifier(), second.Classifier(), third.Classifier()], [score]);
        plan.Select(attack => attack.Name).Should().Contain(["transfer", "validated transfer"]);
        plan.Where(attack => attack.Goal is not null).Select(attack => attack.Name).Should().BeEquivalentTo("CW-PGD", "C&W", "Square");
        plan.Should().OnlyContain(attack => attack.Make(0.5).Norm == Norm.L2);
        plan.Notes.Should().NotContain(note => note.Contains("Transfer is missing")).And.Contain(note => note.Contains("false alarms"));
        var blind = AdaptiveAttacks.For(network.Classifier(), null, null, [new DetectorLimit(new Mean(differentiable: false), 0.5)]);
        blind.Where(attack => attack.Goal is not null).Select(attack => attack.Name).Should().BeEquivalentTo("Square", "NES", "HopSkipJump");
        ((Action)(() => AdaptiveAttacks.For(network.Classifier(), Norm.L0))).Should().Throw<ArgumentException>().WithMessage("*norm*L0*");
        ((Action)(() => AdaptiveAttacks.For(null!))).Should().Throw<ArgumentNullException>();
        ((Action)(() => plan[0].Make(0))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_plan_is_run_by_an_evaluation_as_it_is()
    {
        using var network = nn.Sequential(("noise", new GaussianNoise(0.05)), ("linear", new LinearModel()));
        network.eval();
        network.Reseed(5);
        var (x, labels) = ((LinearModel)network[1]).Data(4);
        using var images = x;
        using var classes = labels;
        var model = new Classifier(network, Bounds.Unit);
        var entries = AttackEntry.From(AdaptiveAttacks.For(model, detectors: [new DetectorLimit(new Mean(), 0.52)]));
        entries.Should().Contain(entry => entry.View == AttackerView.Plain).And.Contain(entry => entry.GoalName.Contains("unseen"));
        // Only the quick attacks: the test is about the entries of a plan, not about the attacks.
        var quick = entries.Where(entry => entry.Name is "noise" || (entry.Name == "CW-PGD" && entry.View.Name is "fixed draw" or "no randomness")).ToArray();
        quick.Should().HaveCount(3);
        var report = new RobustnessEvaluation([new DefenseEntry("noise", model)], quick, [0.3]) { Draws = 10, Seed = 1 }.Run(LabeledImages.From(x, labels));
        report.Should().NotBeNull();
        report.ToMarkdown().Should().Contain("no randomness").And.Contain("fixed draw");
    }

    private static Tensor First(Tensor logits) => logits.select(1, 0);

    private static nn.Module<Tensor, Tensor> Network(string defense)
    {
        nn.Module<Tensor, Tensor> network = defense switch
        {
            "plain" => Chain(nn.ReLU()),
            "stranger" => Chain(new Stranger()),
            "switching" => new SwitchingNetwork([
                new SwitchingBlock([Chain(nn.Identity()), Chain(nn.ReLU())]), new SwitchingBlock([new LinearModel(4), new LinearModel(4, seed: 2)])]),
            "pruning" => Chain(new StochasticActivationPruning()),
            "mvm" => Chain(new MvmSampling()),
            "dropout" => Chain(new DefensiveDropout(0.3)),
            "noise" => Chain(new GaussianNoise(0.1)),
            "spiking" => Chain(new RandomSpiking()),
            "jump" => Chain(new JumpReLU(0.2)),
            "random jump" => Chain(new RandomizedJumpReLU(0.2)),
            "winners" => Chain(new KWinnersTakeAll(0.2)),
            "quantized" => Chain(new QuantizedReLU(2, 1)),
            "custom jump" => Chain(new Floor { UseSurrogate = false }),
            "bounded" => Chain(new BoundedReLU(1)),
            "bits" => Chain(new BitDepthReduction(3)),
            "jpeg" => Chain(new JpegCompression()),
            "median" => Chain(new MedianSmoothing(3)),
            "averaging" => new AveragingNetwork(Chain(new GaussianNoise(0.1)), 3),
            "voting" => new VotingNetwork(Chain(new GaussianNoise(0.1)), 3),
            "region" => new RegionNetwork(Chain(nn.Identity()), 0.1, Bounds.Unit, 3),
            _ => throw new ArgumentOutOfRangeException(nameof(defense), defense, "no such defense"),
        };
        network.eval();
        return network;
    }

    private static TorchSharp.Modules.Sequential Chain(nn.Module<Tensor, Tensor> layer) =>
        nn.Sequential(("layer", layer), ("flat", nn.Flatten()), ("linear", new LinearModel(64)));

    private sealed class Stranger() : StochasticLayer(nameof(Stranger))
    {
        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            return (x + random.Uniform(x) * 0.1).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }

    private sealed class Floor() : nn.Module<Tensor, Tensor>(nameof(Floor)), ISurrogateGradient
    {
        public bool UseSurrogate { get; set; }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var steps = (x * 4).floor() / 4;
            return (UseSurrogate ? steps.detach() + x - x.detach() : steps).MoveToOuterDisposeScope();
        }
    }

    private sealed class Steps() : nn.Module<Tensor, Tensor>(nameof(Steps))
    {
        public override Tensor forward(Tensor x) => x.round();
    }

    private sealed class Mean(bool differentiable = true) : IDetectorScore
    {
        public bool IsDifferentiable => differentiable;

        public Tensor Score(Tensor images) => images.flatten(1).mean([1]);
    }
}
