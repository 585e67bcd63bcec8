using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>One defense at one of its strengths, under one attack: what it holds and what is left of its accuracy.</summary>
/// <param name="Strength">How strong the defense is, in its own units: a dropout rate, a number of channels.</param>
/// <param name="DefenseRate">1 − attack success rate.</param>
/// <param name="Accuracy">Clean accuracy.</param>
public sealed record SweepPoint(double Strength, Proportion DefenseRate, Proportion Accuracy);
