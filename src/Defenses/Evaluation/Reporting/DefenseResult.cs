using System.Text.Json.Serialization;
using Defenses.Evaluation.Checks;
using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>The results of one defense: its cost without an attack, and the success of attacks.</summary>
public sealed record DefenseResult
{
    /// <summary>The name of the defense.</summary>
    public required string Name { get; init; }

    /// <summary>A description in one sentence.</summary>
    public string? Description { get; init; }

    /// <summary>The family of defenses that differ only in strength, such as "dropout".</summary>
    public string? Family { get; init; }

    /// <summary>The cost of a prediction as a multiple of the first defense's, where it was stated.</summary>
    public double? Cost { get; init; }

    /// <summary>Whether the defense is random.</summary>
    public required bool IsRandom { get; init; }

    /// <summary>Its stochastic layers, "path: type".</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>How often the label is recognised without an attack.</summary>
    public required DrawRates Accuracy { get; init; }

    /// <summary>Accuracy of the first defense minus this one's, paired over images; null for the first.</summary>
    public Estimate? AccuracyLoss { get; init; }

    /// <summary>The number of images that the defense recognizes by majority; attack success is measured on these.</summary>
    [JsonPropertyName("recognised")]   // the name in existing reports
    public required long Recognized { get; init; }

    /// <summary>
    /// The success of an attack that changes nothing, on the recognized images by fresh draws: the errors of the defense itself. Null if it
    /// recognizes none.
    /// </summary>
    public DrawRates? Unprovoked { get; init; }

    /// <summary>
    /// The errors of the defense itself within several tries: what an attack that changes nothing reaches. Null in reports of earlier versions.
    /// </summary>
    public TriesResult? Tries { get; init; }

    /// <summary>The result of each model check on this defense; empty where it was not probed.</summary>
    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    /// <summary>The success of attacks, by strength in ascending order.</summary>
    public required IReadOnlyList<StrengthResult> Strengths { get; init; }
}

/// <summary>All attacks on one defense at one strength.</summary>
/// <param name="Epsilon">The budget ε.</param>
/// <param name="Worst">
/// The worst attack for each image, never an average over attacks: chosen with the draws that judged the single attacks, and judged on fresh draws.
/// </param>
/// <param name="Cells">Each attack and view.</param>
public sealed record StrengthResult(double Epsilon, Outcome Worst, IReadOnlyList<CellResult> Cells)
{
    /// <summary>
    /// Accuracy under the worst attack (mean over draws, all images) minus that of each defense before this one, in their order: compared image by image,
    /// with paired intervals. Empty for the first defense, and in reports written before this was measured.
    /// </summary>
    public IReadOnlyList<Estimate> AccuracyOver { get; init; } = [];

    /// <summary>
    /// The same for the accuracy within all tries of the threat model (<see cref="TriesPoint.Accuracy"/>); null where it has one try.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Estimate>? AccuracyInTriesOver { get; init; }

    /// <summary>The success of the worst attack within several tries. Null in reports of earlier versions.</summary>
    public TriesResult? Tries { get; init; }

    /// <summary>The attacks that the worst case rests on; null in reports written before this was counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VerdictBasis? Basis { get; init; }
}

/// <summary>One attack from one view against one defense at one strength.</summary>
/// <param name="Attack">The attack's name.</param>
/// <param name="View">The attacker's view.</param>
/// <param name="SameAs">
/// The view whose run this repeats, or null. On a deterministic defense all views that handle randomness are equal, and run once.
/// </param>
/// <param name="Outcome">The success of the attack.</param>
public sealed record CellResult(string Attack, string View, string? SameAs, Outcome Outcome);

/// <summary>The success of an attack, or of the worst of several for each image, against a defense at one strength.</summary>
public sealed record Outcome
{
    /// <summary>How often the attack succeeds on images that the defense recognises (clean majority right) and it attempts; null if there are none.</summary>
    public DrawRates? Success { get; init; }

    /// <summary>1 − the mean-draw success rate: the share of answers to attacked images that hold.</summary>
    public Proportion? DefenseRate { get; init; }

    /// <summary>How often the label is recognised under attack, on all images.</summary>
    public required DrawRates Accuracy { get; init; }

    /// <summary>How often the attack's goal is met on all images, recognised before or not (older tables count so).</summary>
    public required DrawRates AllImages { get; init; }

    /// <summary>Gain over the first defense for the accuracy it costs; null for the first defense itself.</summary>
    public EfficiencyScore? Efficiency { get; init; }

    /// <summary>
    /// McNemar's exact two-sided p-value of "holds as many images as the first defense", by majority, on images that both recognise; null for the first.
    /// </summary>
    public double? PValue { get; init; }

    /// <summary>Adversarial images that broke the budget or the bounds, or held NaN; each was replaced by its original.</summary>
    public long OutsideBudget { get; init; }

    /// <summary>
    /// Images that the attack could not attempt, such as those without a start for a decision-based attack. They count neither as broken nor as held in
    /// <see cref="Success"/> and <see cref="DefenseRate"/>; of several attacks, those that none attempts. 0 in reports written before this was counted.
    /// </summary>
    public long NotAttempted { get; init; }

    /// <summary>The mean number of forward passes of the attack per image.</summary>
    public double ForwardPasses { get; init; }

    /// <summary>The mean number of backward passes of the attack per image.</summary>
    public double BackwardPasses { get; init; }

    /// <summary>
    /// The success within numbers of passes, ascending: 1, 2, 5, 10, … from the first one with a success, and all passes. Empty for the worst of several
    /// attacks, and in reports of earlier versions.
    /// </summary>
    public IReadOnlyList<PassPoint> SuccessByPasses { get; init; } = [];
}

/// <summary>The success of an attack within a number of passes.</summary>
/// <param name="Passes">Forward and backward passes of an image, each draw counted.</param>
/// <param name="Success">
/// The mean-draw success, over the images of <see cref="Outcome.Success"/>, of those on which the attack ended within so many passes; the others count as
/// held. An attack that does not stop at its first success ends with all of its passes.
/// </param>
public sealed record PassPoint(long Passes, Proportion Success);
