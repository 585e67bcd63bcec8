namespace Defenses.Evaluation.Reporting;

/// <summary>How long an attack takes.</summary>
/// <param name="Defense">The defense attacked.</param>
/// <param name="Attack">The attack.</param>
/// <param name="View">The view.</param>
/// <param name="SecondsPerImage">Wall time per image and strength, judging included.</param>
public sealed record AttackCost(string Defense, string Attack, string View, double SecondsPerImage);
