using Defenses.Detection;

namespace DefenseBench.Protocols.Mvm;

/// <summary>A row of Table 3.</summary>
/// <param name="Name">What samples, and how much.</param>
/// <param name="Detector">The detector whose draws come from a seed.</param>
/// <param name="Paper">The paper's areas by attack, where they are known to us.</param>
internal sealed record MvmRow(string Name, Func<ulong, SamplingDetector> Detector, IReadOnlyDictionary<string, double> Paper);
