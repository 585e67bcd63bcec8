namespace Defenses.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Doing">What is running, such as "dropout: PGD, EOT 10, ε 0.25, images 0–99".</param>
/// <param name="Done">Pieces of work done, those of earlier runs included.</param>
/// <param name="Total">Pieces of work in all. They differ in size.</param>
/// <param name="Elapsed">Time since this run began.</param>
/// <param name="Left">An estimate of the time left, from the pieces done; null before there is any.</param>
public readonly record struct EvaluationProgress(string Doing, long Done, long Total, TimeSpan Elapsed, TimeSpan? Left);
