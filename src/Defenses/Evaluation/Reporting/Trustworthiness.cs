namespace Defenses.Evaluation.Reporting;

/// <summary>Whether the numbers of a defense can be believed.</summary>
public enum Trustworthiness
{
    /// <summary>No check found a reason to doubt them.</summary>
    Trustworthy,

    /// <summary>A check found a reason to doubt them: the defense may be weaker than they say.</summary>
    Suspicious,

    /// <summary>They must not be used.</summary>
    Invalid,

    /// <summary>No check found a reason to doubt them, and none attacked: how the model fares under an attack is not known.</summary>
    NotAttacked,
}
