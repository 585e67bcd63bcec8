namespace Defenses.Evaluation.Checks;

/// <summary>A search for one reason to doubt an evaluation: a <see cref="ModelCheck"/> probes a model, a <see cref="ReportCheck"/> reads a report.</summary>
/// <remarks>What it finds is a <see cref="Pages.Finding"/>: how serious, why, and what to do. Where it finds nothing, it returns nothing.</remarks>
public abstract class Check
{
    /// <summary>For custom checks, too.</summary>
    protected Check() { }

    /// <summary>What the check looks for, in a few words: the title of its findings.</summary>
    public abstract string Title { get; }
}
