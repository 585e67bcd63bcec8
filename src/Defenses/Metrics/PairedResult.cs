using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>Two defenses on the same examples.</summary>
/// <param name="First">The first one's rate of holding, averaged over draws.</param>
/// <param name="Second">The second one's.</param>
/// <param name="Difference">First − second with its interval, shorter the more the two go together (square and add, with their correlation).</param>
/// <param name="Bootstrap">The interval of the same difference by resampling the examples.</param>
/// <param name="Correlation">The correlation of the two over examples, −1 to 1; 0 where one does not vary.</param>
/// <param name="FirstOnly">Examples that only the first holds in more than half of the draws.</param>
/// <param name="SecondOnly">Examples that only the second holds so.</param>
/// <param name="Both">Examples that both hold so.</param>
/// <param name="Neither">Examples that neither holds so.</param>
/// <param name="PValue">McNemar's exact two-sided p-value of "neither is better", by majority.</param>
public sealed record PairedResult(
    Proportion First, Proportion Second, Estimate Difference, Interval Bootstrap, double Correlation, long FirstOnly, long SecondOnly, long Both,
    long Neither, double PValue);
