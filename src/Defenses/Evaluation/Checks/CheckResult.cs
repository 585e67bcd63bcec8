using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>How one check of a model ended.</summary>
/// <param name="Check">The check's title.</param>
/// <param name="Outcome">Found, clear or not run.</param>
/// <param name="Severity">The gravest of what it found; null where it found nothing.</param>
/// <param name="Reason">Why it was not run, as half a sentence; null where it was.</param>
public sealed record CheckResult(string Check, CheckOutcome Outcome, Severity? Severity, string? Reason)
{
    internal static CheckResult Of(Check check, IReadOnlyList<Finding> findings) => findings.Count == 0
        ? new(check.Title, CheckOutcome.Clear, null, null) : new(check.Title, CheckOutcome.Found, findings.Max(finding => finding.Severity), null);

    internal static CheckResult NotRun(Check check, string reason) => new(check.Title, CheckOutcome.NotRun, null, reason);

    /// <summary>"nothing found", "warning", "not run: …".</summary>
    public override string ToString() => Outcome switch
    {
        CheckOutcome.NotRun => $"not run: {Reason}", CheckOutcome.Found => $"{Severity}".ToLowerInvariant(), _ => "nothing found",
    };
}
