using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Checks;

/// <summary>How a check of a model ended.</summary>
public enum CheckOutcome
{
    /// <summary>It looked, and found no reason to doubt.</summary>
    Clear,

    /// <summary>It found something.</summary>
    Found,

    /// <summary>It did not look: that it found nothing says nothing.</summary>
    NotRun,
}

/// <summary>One check of a checkup: how it ended.</summary>
/// <param name="Check">The check's title.</param>
/// <param name="Outcome">Found, clear or not run.</param>
/// <param name="Reason">Why it was not run; null for the others.</param>
/// <param name="Findings">What it found; empty for the others.</param>
public sealed record CheckResult(string Check, CheckOutcome Outcome, string? Reason, IReadOnlyList<Finding> Findings)
{
    /// <summary>The gravest of what was found; null where nothing was.</summary>
    public Severity? Severity => Findings.Count == 0 ? null : Findings.Max(finding => finding.Severity);

    internal static CheckResult Of(Check check, IReadOnlyList<Finding> findings) =>
        new(check.Title, findings.Count == 0 ? CheckOutcome.Clear : CheckOutcome.Found, null, findings);

    internal static CheckResult NotRun(Check check, string reason) => new(check.Title, CheckOutcome.NotRun, reason, []);

    /// <summary>"nothing found", "warning", "not run: …".</summary>
    public override string ToString() => Outcome switch
    {
        CheckOutcome.NotRun => $"not run: {Reason}", CheckOutcome.Found => $"{Severity}".ToLowerInvariant(), _ => "nothing found",
    };
}
