using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>What a defense is worth and what it costs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accuracy">Clean accuracy; more is better.</param>
/// <param name="Robustness">Accuracy under attack, or defense rate; more is better.</param>
/// <param name="Latency">Time or relative cost of a prediction; less is better. Null if it is not compared.</param>
public sealed record TradeOff(string Name, Estimate Accuracy, Estimate Robustness, Estimate? Latency = null);
