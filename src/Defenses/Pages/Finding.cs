namespace Defenses.Pages;

/// <summary>A reason to read the numbers of a report with care.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Title">What was found, in a few words.</param>
/// <param name="Reason">Why it matters.</param>
/// <param name="Action">What to do about it.</param>
/// <param name="Defense">The defense concerned, or null for the whole report.</param>
public sealed record Finding(Severity Severity, string Title, string Reason, string Action, string? Defense = null);

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
