namespace Defenses.Pages;

/// <summary>How much a finding takes from the numbers of a report.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>Reason to doubt a number.</summary>
    Warning,

    /// <summary>The number must not be used.</summary>
    Invalid,
}
