using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>
/// How much input gradients differ between draws: the standard deviation over draws in each input dimension, averaged over dimensions, then examples.
/// </summary>
/// <param name="Raw">Of the gradients as they are, in the loss per unit of input.</param>
/// <param name="Normalised">Of each gradient divided by its root mean square over the dimensions; 0 to 1.</param>
/// <param name="Sign">Of the gradients' signs; 0 to 1, where 1 is as often up as down in every dimension.</param>
/// <param name="Draws">Gradients drawn for each example.</param>
/// <param name="ByExample">The deviation of the signs of each example, (N,).</param>
public sealed record Spread(Estimate Raw, Estimate Normalised, Estimate Sign, int Draws, IReadOnlyList<double> ByExample);
