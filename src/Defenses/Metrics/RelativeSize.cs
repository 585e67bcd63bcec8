using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>How large perturbations are beside their images: ρ = mean ‖x′ − x‖ / ‖x‖.</summary>
/// <param name="All">The mean over all examples, failed attacks counting as what they left behind (nothing, for an example that was wrong before).</param>
/// <param name="Fooled">The mean over the fooled examples only; null if there are none.</param>
/// <param name="Count">The number of examples.</param>
/// <param name="FooledCount">The number of fooled ones.</param>
public sealed record RelativeSize(Estimate All, Estimate? Fooled, long Count, long FooledCount);
