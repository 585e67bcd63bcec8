using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>
/// How often something happens on a model that answers at random, three ways; the trials are the examples, not the draws. On a
/// deterministic model the three are the same.
/// </summary>
/// <param name="MeanDraw">
/// The share of single answers, averaged over draws and examples: what one query sees. Interval: <see cref="BoundedMean.ClopperPearson"/>.
/// </param>
/// <param name="Majority">The share of examples for which it happens in more than half of the draws: what a vote decides. Exact interval.</param>
/// <param name="WorstOfK">
/// The share of examples, at the defender's worst over all K draws: right in every draw (accuracy), or fooled in at least one (success): what
/// an attacker with K queries reaches. It depends on K. Exact interval.
/// </param>
public sealed record DrawRates(Proportion MeanDraw, Proportion Majority, Proportion WorstOfK);
