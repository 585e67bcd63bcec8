namespace Defenses.Evaluation.Reporting;

/// <summary>One attack from one view against one defense at one strength.</summary>
/// <param name="Attack">The attack's name.</param>
/// <param name="View">The attacker's view.</param>
/// <param name="SameAs">
/// The view whose run this repeats, or null: on a deterministic defense, views that deal with randomness all see the same, and are run once.
/// </param>
/// <param name="Outcome">What it achieved.</param>
public sealed record CellResult(string Attack, string View, string? SameAs, Outcome Outcome);
