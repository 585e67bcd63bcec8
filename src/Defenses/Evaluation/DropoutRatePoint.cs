using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>What one rate of defensive dropout costs and gains.</summary>
/// <param name="Rate">The probability that a unit is dropped at test time.</param>
/// <param name="Accuracy">The share of single answers that are right without an attack.</param>
/// <param name="AccuracyLoss">The accuracy lost against rate 0, on the same images; negative where it was won.</param>
/// <param name="Success">How often the attack on this rate succeeds, on the images recognised without it; null if there are none.</param>
public sealed record DropoutRatePoint(double Rate, Proportion Accuracy, Estimate AccuracyLoss, Proportion? Success);
