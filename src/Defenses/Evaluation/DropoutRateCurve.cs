namespace Defenses.Evaluation;

/// <summary>The result of a search for the rate of defensive dropout.</summary>
/// <param name="Rate">The rate with the least attack success among those within the budget of accuracy (the smaller of two equals).</param>
/// <param name="Points">All rates that were measured, rate 0 first.</param>
public sealed record DropoutRateCurve(double Rate, IReadOnlyList<DropoutRatePoint> Points);
