namespace Defenses.Evaluation.Checks;

/// <summary>One reason to doubt a report, looked for.</summary>
/// <remarks>A check that finds nothing says nothing. What it finds is a <see cref="Pages.Finding"/>: how grave, why, and what to do.</remarks>
public abstract class Check
{
    /// <summary>For checks of your own, too.</summary>
    protected Check() { }

    /// <summary>What is looked for, in a few words: the title of what is found.</summary>
    public abstract string Title { get; }
}
