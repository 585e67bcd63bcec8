namespace Defenses.Evaluation.Checks;

/// <summary>How far the probing of a model is.</summary>
/// <param name="Doing">The title of the check that runs.</param>
/// <param name="Done">Checks done.</param>
/// <param name="Total">Checks in all. They differ in time: those that attack take longest.</param>
public readonly record struct CheckProgress(string Doing, int Done, int Total);
