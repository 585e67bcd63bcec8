using Defenses.Layers;
using Defenses.Models;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The table behind plans: which attacks and views each kind of defense calls for.</summary>
internal static class AdaptiveRows
{
    private const int Draws = 20;

    // Means over draws where the model is random; a single pass where it is not.
    private static readonly AttackerView s_eot = AttackerView.Eot(Draws), s_meanProbabilities = AttackerView.Eot(Draws, EotAverage.Probabilities),
        s_straightThrough = AttackerView.StraightThrough.AveragedOver(Draws), s_smoothed = AttackerView.SmoothedJumps.AveragedOver(Draws),
        s_probabilities = AttackerView.DifferentiatedProbabilities.AveragedOver(Draws);

    internal static IReadOnlyList<AdaptiveRow> All { get; } =
    [
        new([typeof(SwitchingBlock), typeof(SwitchingNetwork)],
            "the number of paths is finite, so their mean loss is exact, and fooled members can be counted (Dbouk and Shanbhag 2022)",
            (norm, why) => [Margin(norm, AttackerView.AllPaths, why), new("ARC", epsilon => new Arc(epsilon) { Norm = norm }, AttackerView.AllPaths, why)]),
        new([typeof(ISamplingProbabilities)], "masks hide the gradient, a straight-through backward pass does not (Dhillon and Carlini 2020)",
            (norm, why) => [Margin(norm, s_straightThrough, why), Margin(norm, s_probabilities, why)]),
        new([typeof(DefensiveDropout), typeof(GaussianNoise), typeof(RandomSpiking)],
            "an example that fools twenty draws at once also fools the next one (Carlini and Wagner 2017, Bypassing ten)",
            (norm, why) =>
            [
                Margin(norm, s_straightThrough, why), new("C&W", _ => new CarliniWagner { Norm = norm, Confidence = 1 }, AttackerView.FixedDraws(Draws), why),
            ]),
        new([typeof(JumpReLU), typeof(RandomizedJumpReLU)], "the jump has no gradient (Erichson et al. 2019, appendix A; Tramèr et al. 2020 on k-winners)",
            (norm, why) => [Margin(norm, s_straightThrough, why), Margin(norm, s_smoothed, why), Estimated(norm, why), Squares(norm, why)]),
        new([typeof(KWinnersTakeAll)],
            "the winners change with every step, so a gradient holds for tiny changes only; means over neighbors, large differences and decisions do not need "
                + "it (Tramèr et al. 2020 on k-winners)",
            (norm, why) =>
            [
                Margin(norm, s_straightThrough, why), OverNeighbors(norm, AttackerView.Plain, why), OverNeighbors(norm, s_straightThrough, why),
                Estimated(norm, why), .. Far(norm, why), Squares(norm, why), Decisions(norm, why),
            ]),
        new([typeof(QuantizedReLU)],
            "rounded activations are steps: the gradient passes straight through, and bridges none of them (Lin, Gan and Han 2019; Athalye et al. 2018)",
            (norm, why) =>
            [
                Margin(norm, s_straightThrough, why), OverNeighbors(norm, s_straightThrough, why), Estimated(norm, why), .. Far(norm, why), Squares(norm, why),
                Decisions(norm, why),
            ]),
        new([typeof(BoundedReLU)], "it saturates: cross-entropy loses its gradient, the margin does not",
            (norm, why) => [Margin(norm, AttackerView.Plain, why), Estimated(norm, why)]),
        new([typeof(BitDepthReduction), typeof(JpegCompression), typeof(MedianSmoothing)],
            "rounding has no gradient, but the identity is close to it (Athalye et al. 2018)",
            (norm, why) => [Margin(norm, s_straightThrough, why), Estimated(norm, why)]),
        new([typeof(IAggregatedDecision)],
            "the answer is a mean or a vote, so an attack has to ascend the mean probabilities (Athalye et al. 2018; He, Li and Song 2018 on regions)",
            (norm, why) => [Margin(norm, s_straightThrough, why), Margin(norm, s_meanProbabilities, why), Squares(norm, why)]),
    ];

    /// <summary>Whether the table has a row for a module.</summary>
    internal static bool HasRow(Type module) => All.Any(row => row.Types.Any(type => type.IsAssignableFrom(module)));

    /// <summary>The attacks for every model, and the attacks on randomness if it is random.</summary>
    internal static IEnumerable<PlannedAttack> ForEveryModel(Norm norm, bool isRandom)
    {
        const string Every = "every model (Carlini et al. 2019)", Random = "random (Athalye et al. 2018; Carlini et al. 2019)";
        yield return isRandom
            ? new("AutoAttack rand", epsilon => new AutoAttackRandomized(epsilon) { Norm = norm }, AttackerView.Plain, Random)
            : new("AutoAttack", epsilon => new AutoAttackStandard(epsilon) { Norm = norm }, AttackerView.Plain, Every);
        yield return new("PGD", epsilon => new Pgd(epsilon) { Norm = norm }, AttackerView.Plain, Every);
        yield return Margin(norm, AttackerView.Plain, Every);
        yield return Squares(norm, $"{Every}: no gradients");
        yield return Decisions(norm, $"{Every}: decisions only");
        yield return new("noise", epsilon => new Noise(epsilon) { Norm = norm }, AttackerView.Plain, $"{Every}: a control that all other attacks must beat");
        if (!isRandom) yield break;
        foreach (var view in new[] { s_eot, AttackerView.FixedDraw, AttackerView.WithoutRandomness }) yield return Margin(norm, view, Random);
        yield return Estimated(norm, $"{Random}: no gradients");
    }

    /// <summary>Further attacks on a model without gradients.</summary>
    internal static IEnumerable<PlannedAttack> ForBlackBoxes(Norm norm, ModelAnswers answers)
    {
        const string Why = "a black box (Ilyas et al. 2018; Uesato et al. 2018; Brendel et al. 2018)";
        if (answers == ModelAnswers.Gradients) yield break;
        yield return Estimated(norm, Why);
        yield return new("SPSA", epsilon => new Spsa(epsilon) { Norm = norm }, AttackerView.Plain, Why);
        yield return norm == Norm.L2
            ? new("Boundary", _ => new BoundaryAttack(), AttackerView.Plain, Why)
            : new("RayS", _ => new RayS(), AttackerView.Plain, "a black box (Chen and Gu 2020)");
    }

    /// <summary>The attacks on a layer of the user's without a row.</summary>
    internal static IEnumerable<PlannedAttack> ForUnknownLayer(Norm norm, string why) => [Margin(norm, s_straightThrough, why), Estimated(norm, why)];

    /// <summary>Transfer from the attacker's models; with three or more, some of them validate.</summary>
    internal static IEnumerable<PlannedAttack> ForSurrogates(Norm norm, IReadOnlyList<ModelView> surrogates)
    {
        const string Why = "examples that fool similarly trained models mostly fool this one (Liu et al. 2017; Ge et al. 2020)";
        if (surrogates.Count == 0) yield break;
        var source = surrogates.Count == 1 ? surrogates[0] : new Surrogates(surrogates);
        yield return new("transfer", epsilon => new Transfer(source, new TransferPgd(epsilon) { Norm = norm }), AttackerView.Plain, Why);
        if (surrogates.Count < 3) yield break;
        var half = (surrogates.Count + 1) / 2;
        var (attacked, validators) = (new Surrogates([.. surrogates.Take(half)]), surrogates.Skip(half).ToArray());
        var attack = new CarliniWagner { Norm = norm, Confidence = 10 };
        yield return new("validated transfer", _ => new TransferWithValidation(attacked, validators, attack), AttackerView.Plain, Why);
    }

    /// <summary>The same attacks in front of detectors.</summary>
    internal static IEnumerable<PlannedAttack> ForDetectors(
        Norm norm, bool isRandom, IReadOnlyList<DetectorLimit> detectors, ModelAnswers answers = ModelAnswers.Gradients)
    {
        const string Why = "detectors: an example counts if it is misclassified and not detected (Carlini and Wagner 2017, Bypassing ten)";
        var view = isRandom ? s_eot : AttackerView.Plain;
        PlannedAttack[] attacks = answers == ModelAnswers.Gradients && detectors.All(limit => limit.Detector.IsDifferentiable)
            ? [Margin(norm, view, Why), new("C&W", _ => new CarliniWagner { Norm = norm, Confidence = 1 }, view, Why), Squares(norm, Why)]
            : [Squares(norm, Why), Estimated(norm, Why), Decisions(norm, Why)];
        return attacks.Select(attack => attack.EvadingDetectors(detectors));
    }

    private static PlannedAttack Margin(Norm norm, AttackerView view, string why) => new("CW-PGD", epsilon => new CwPgd(epsilon) { Norm = norm }, view, why);

    private static PlannedAttack Estimated(Norm norm, string why) => new("NES", epsilon => new Nes(epsilon) { Norm = norm }, AttackerView.Plain, why);

    // Means of gradients over points of the whole ball.
    private static PlannedAttack OverNeighbors(Norm norm, AttackerView view, string why) => new("PGD over neighbors",
        epsilon => new TransferPgd(epsilon)
        {
            Norm = norm, Loss = Loss.Margin, Steps = 50, Neighbors = new ExpectedFlatness { Count = Draws, Radius = 1 },
        }, view, why);

    // Differences over half of the budget, which bridge jumps; in L2 an element has no budget of its own.
    private static IEnumerable<PlannedAttack> Far(Norm norm, string why) => norm == Norm.Linf
        ? [new("NES, far", epsilon => new Nes(epsilon) { Sigma = epsilon / 2 }, AttackerView.Plain, why)] : [];

    private static PlannedAttack Squares(Norm norm, string why) => new("Square", epsilon => new Square(epsilon) { Norm = norm }, AttackerView.Plain, why);

    private static PlannedAttack Decisions(Norm norm, string why) =>
        new("HopSkipJump", _ => new HopSkipJump { Norm = norm }, AttackerView.Plain, why);
}

/// <summary>The attacks that are known to break some kind of module.</summary>
/// <param name="Types">The types of the modules.</param>
/// <param name="Reason">Why these modules need the attacks, with the source.</param>
/// <param name="Attacks">The attacks, for a norm and a reason.</param>
internal sealed record AdaptiveRow(IReadOnlyList<Type> Types, string Reason, Func<Norm, string, IEnumerable<PlannedAttack>> Attacks)
{
    internal bool Applies(nn.Module module) => Types.Any(type => type.IsInstanceOfType(module));

    internal string Why(IEnumerable<nn.Module> modules) =>
        $"{string.Join(", ", modules.Where(Applies).Select(module => module.GetType().Name).Distinct())}: {Reason}";
}
