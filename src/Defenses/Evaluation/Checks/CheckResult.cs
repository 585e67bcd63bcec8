using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>How one check of a model ended.</summary>
/// <param name="Check">The check's title.</param>
/// <param name="Outcome">Found, clear or not run.</param>
/// <param name="Severity">The most serious of its findings; null without findings.</param>
/// <param name="Reason">Why it did not run, as half a sentence; null where it ran.</param>
public sealed record CheckResult(string Check, CheckOutcome Outcome, Severity? Severity, string? Reason)
{
    internal static CheckResult Of(Check check, IReadOnlyList<Finding> findings) => findings.Count == 0
        ? new(check.Title, CheckOutcome.Clear, null, null) : new(check.Title, CheckOutcome.Found, findings.Max(finding => finding.Severity), null);

    internal static CheckResult NotRun(Check check, string reason) => new(check.Title, CheckOutcome.NotRun, null, reason);

    /// <summary>"nothing found", "warning", "not run: …".</summary>
    public override string ToString() => Outcome switch
    {
        CheckOutcome.NotRun => $"not run: {Reason}",
        CheckOutcome.Found => $"{Severity}".ToLowerInvariant(),
        _ => "nothing found",
    };
}

/// <summary>How a check of a model ended.</summary>
public enum CheckOutcome
{
    /// <summary>The check ran and found no reason to doubt.</summary>
    Clear,

    /// <summary>The check found something.</summary>
    Found,

    /// <summary>The check did not run: nothing is known.</summary>
    NotRun,
}
