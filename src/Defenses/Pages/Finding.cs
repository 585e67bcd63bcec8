namespace Defenses.Pages;

/// <summary>A reason to read the numbers of a report with care.</summary>
/// <param name="Severity">The severity.</param>
/// <param name="Title">The title, in a few words.</param>
/// <param name="Reason">The reason, with numbers.</param>
/// <param name="Action">The recommended action.</param>
/// <param name="Defense">The defense concerned, or null for the whole report.</param>
public sealed record Finding(Severity Severity, string Title, string Reason, string Action, string? Defense = null);

/// <summary>The effect of a finding on the numbers of a report.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>Reason to doubt a number.</summary>
    Warning,

    /// <summary>The number must not be used.</summary>
    Invalid,
}
