namespace Defenses.Attacks;

/// <summary>Which iterate of the basic iterative method is kept.</summary>
public enum BimVariant
{
    /// <summary>BIM-A: the first that meets the goal; the last where none does.</summary>
    First,

    /// <summary>BIM-B: the last.</summary>
    Last,
}
