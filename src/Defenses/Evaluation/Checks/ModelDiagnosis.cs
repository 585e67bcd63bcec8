using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>What a checkup did and found: how each check ended, and how the model fared under the attack in question.</summary>
public sealed record ModelDiagnosis
{
    /// <summary>Every check, in the order of the checkup; at the end, those of <see cref="ModelCheck.All"/> that the checkup was not to make.</summary>
    public required IReadOnlyList<CheckResult> Checks { get; init; }

    /// <summary>How often the model is right without an attack; null where a check found that its answers mean nothing.</summary>
    public required DrawRates? Accuracy { get; init; }

    /// <summary>How often it is right under the attack in question, within the budget: images that it does not recognise count as wrong. Null where
    /// nothing attacked it.</summary>
    public required DrawRates? AttackedAccuracy { get; init; }

    /// <summary>What was found, in the order of the checks.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Whether the figures of the model can be believed. Without an attack none is trustworthy: then <see cref="Trustworthiness.NotAttacked"/> is the best
    /// that can be said.</summary>
    /// <param name="model">The model's name.</param>
    public DefenseVerdict Verdict(string model)
    {
        var verdict = DefenseVerdict.Of(Require.NotNull(model, nameof(model)), Findings.Select(finding => finding with { Defense = null }));
        return verdict.Trust == Trustworthiness.Trustworthy && AttackedAccuracy is null ? verdict with { Trust = Trustworthiness.NotAttacked } : verdict;
    }
}
