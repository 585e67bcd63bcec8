using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>How well examples with perturbations of a size transfer.</summary>
/// <param name="From">The smallest distance, included.</param>
/// <param name="To">The largest distance, excluded.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Success">The rate of success; the trials are the images. Null without cases.</param>
public sealed record TransferBucket(double From, double To, long Cases, Proportion? Success);
