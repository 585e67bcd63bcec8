namespace Defenses.Detection;

/// <summary>What a detector does at one threshold.</summary>
/// <param name="Threshold">It fires where the score lies above this; −∞: always.</param>
/// <param name="FalsePositiveRate">The share of clean inputs it fires on.</param>
/// <param name="TruePositiveRate">The share of attacked inputs it fires on.</param>
public readonly record struct RocPoint(double Threshold, double FalsePositiveRate, double TruePositiveRate);
