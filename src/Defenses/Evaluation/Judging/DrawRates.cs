using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>
/// Three rates of an event on a random model; the trials are the examples, not the draws. On a
/// deterministic model the three rates are equal.
/// </summary>
/// <param name="MeanDraw">
/// The mean over draws and examples: the rate of a single query. Interval: <see cref="BoundedMean.ClopperPearson"/>.
/// </param>
/// <param name="Majority">The share of examples with the event in more than half of the draws: the rate of a vote. Exact interval.</param>
/// <param name="WorstOfK">
/// The share of examples in the worst case for the defender over all K draws: right in every draw (accuracy), or fooled in at least one
/// (success), as an attacker with K queries achieves. It depends on K, and is the last point of a <see cref="TriesCurve"/>. Exact interval.
/// </param>
public sealed record DrawRates(Proportion MeanDraw, Proportion Majority, Proportion WorstOfK);
