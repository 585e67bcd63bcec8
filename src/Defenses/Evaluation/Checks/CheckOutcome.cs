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
