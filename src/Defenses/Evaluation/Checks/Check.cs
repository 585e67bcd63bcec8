namespace Defenses.Evaluation.Checks;

/// <summary>A search for one reason to doubt an evaluation: a <see cref="ModelCheck"/> probes a model, a <see cref="ReportCheck"/> reads a report.</summary>
/// <remarks>The result is a list of <see cref="Pages.Finding"/>s with severity, reason and action; empty without a reason to doubt.</remarks>
public abstract class Check
{
    /// <summary>For custom checks, too.</summary>
    protected Check() { }

    /// <summary>The title of the findings: what the check searches for, in a few words.</summary>
    public abstract string Title { get; }
}
