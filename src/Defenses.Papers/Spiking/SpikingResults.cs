using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Everything that the protocol measured.</summary>
internal sealed record SpikingResults
{
    internal required IReadOnlyList<SchemeAccuracy> Accuracy { get; init; }

    internal required IReadOnlyList<WhiteBoxResult> WhiteBox { get; init; }

    /// <summary>One for each scheme and κ.</summary>
    internal required IReadOnlyList<SchemeTransfer> Transfer { get; init; }

    /// <summary>OPTMARGIN on the models of those that ask the region, judged by them alone.</summary>
    internal required IReadOnlyList<SchemeTransfer> Region { get; init; }

    internal required IReadOnlyList<StabilityCurve> Noise { get; init; }

    internal required IReadOnlyList<StabilityCurve> Jpeg { get; init; }

    /// <summary>Schemes whose models recognise too little for anything to follow.</summary>
    internal string[] Untrained => [.. Accuracy.Where(each => each.Models.Any(TrainedWell.Fails)).Select(each => each.Scheme)];

    /// <summary>The cases of all trials, as an attacker with or without validation would send them.</summary>
    internal IReadOnlyList<TransferCase> Cases(bool validated) =>
        [.. Transfer.SelectMany((trial, number) => trial.Verdicts.Keys.SelectMany(tested => trial.Cases(tested, validated)))];

    /// <summary>The mean of some of the distances; null of none.</summary>
    internal static Estimate? Mean(double[] distances, Func<int, bool> counts) =>
        distances.Where((_, image) => counts(image)).ToArray() is { Length: > 0 } some ? SampleMean.StudentT(some) : null;

    /// <summary>Clean accuracy of a scheme's models.</summary>
    /// <param name="Scheme">The scheme.</param>
    /// <param name="Deployed">Of the first model, as deployed.</param>
    /// <param name="Once">Of the first model, by single answers.</param>
    /// <param name="Models">Of all models as deployed, one number each.</param>
    internal sealed record SchemeAccuracy(string Scheme, Proportion Deployed, Proportion Once, double[] Models);

    /// <summary>C&amp;W on the first model of a scheme.</summary>
    /// <param name="Scheme">The scheme.</param>
    /// <param name="View">What the attacker averages over.</param>
    /// <param name="Margin">κ.</param>
    /// <param name="Attacked">The examples' distances, and whether the attacker saw success.</param>
    /// <param name="Verdicts">The deployed model's decisions on the rounded examples.</param>
    internal sealed record WhiteBoxResult(string Scheme, string View, double Margin, AttackedImages Attacked, JudgeCounts Verdicts)
    {
        /// <summary>Whether the attacker sees what the paper's sees: one draw, the whole model, MagNet without its detectors.</summary>
        internal bool IsAsPublished => View is SpikingAttacks.OneDraw or SpikingAttacks.Whole or SpikingAttacks.Unseen;

        /// <summary>Mean L2 over examples that the attacker thinks successful: what the paper prints.</summary>
        internal Estimate? Distance => Mean(Attacked.Distance, image => Attacked.Met[image]);

        /// <summary>Mean L2 over examples that fool most of the judge's decisions.</summary>
        internal Estimate? FooledDistance => Mean(Attacked.Distance, Verdicts.IsFooled);
    }

    /// <summary>The share of unchanged predictions over the strength of a change.</summary>
    internal sealed record StabilityCurve(string Name, double[] Strengths, PredictionStabilityResult[] Points);
}
