namespace Defenses.Evaluation.Reporting;

/// <summary>One attack of an evaluation, from one view.</summary>
/// <param name="Attack">Its name.</param>
/// <param name="View">The attacker's view.</param>
/// <param name="Goal">What it wants: "avoid the label" or a name of the user's.</param>
/// <param name="Options">All its options, one text for each strength.</param>
public sealed record AttackSettings(string Attack, string View, string Goal, IReadOnlyList<string> Options);
