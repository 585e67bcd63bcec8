namespace Defenses.Evaluation;

/// <summary>The progress of an evaluation.</summary>
/// <param name="Doing">The running work, such as "dropout: PGD, EOT 10, ε 0.25, images 0–99".</param>
/// <param name="Done">Pieces of work done, including earlier runs.</param>
/// <param name="Total">The total number of pieces of work. They differ in size.</param>
/// <param name="Elapsed">Time since this run started.</param>
/// <param name="Left">An estimate of the time left, from the pieces done; null before the first.</param>
public readonly record struct EvaluationProgress(string Doing, long Done, long Total, TimeSpan Elapsed, TimeSpan? Left);
