using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>Attack success and defense rate of one attack on one model, per draw, by majority and at worst; on
/// recognized examples and on all examples.</summary>
/// <remarks>
/// An example counts as recognized if more than half of its draws are right without an attack. Older tables count all examples, including the
/// defense's own errors as successes of the attack (for example Wang et al. 2019); both are given.
/// </remarks>
public sealed record AttackRates
{
    private AttackRates(Tally recognized, double confidence, DrawRates allSuccess)
    {
        (Success, AllSuccess, Recognized) = (recognized.Success(confidence), allSuccess, (int)recognized.Count);
        Tries = recognized.Tries(confidence);
        Defense = Success is null ? null : Complement(Success);
        AllDefense = Complement(allSuccess);
    }

    /// <summary>The success rates on recognized examples; null if there are none.</summary>
    public DrawRates? Success { get; }

    /// <summary>1 − success: the defense rates on recognized examples; <see cref="DrawRates.WorstOfK"/> is the share that holds in
    /// every draw. Null if there are none.</summary>
    public DrawRates? Defense { get; }

    /// <summary>The success rates on all examples, recognized or not.</summary>
    public DrawRates AllSuccess { get; }

    /// <summary>1 − success on all examples.</summary>
    public DrawRates AllDefense { get; }

    /// <summary>The success rates on recognized examples within 1 … K tries, each a fresh draw; null if there are none.</summary>
    public TriesCurve? Tries { get; }

    /// <summary>The number of recognized examples.</summary>
    public int Recognized { get; }

    /// <summary>The rates from a judgement of attacked examples.</summary>
    /// <param name="clean">The same model's judgement of the same examples without an attack.</param>
    /// <param name="attacked">Its judgement under attack.</param>
    /// <exception cref="ArgumentException">The judgements are of different numbers of examples.</exception>
    public static AttackRates From(Judgement clean, Judgement attacked)
    {
        var count = Require.NotNull(clean, nameof(clean)).Count;
        if (Require.NotNull(attacked, nameof(attacked)).Count != count)
            throw new ArgumentException($"attacked must judge the same examples as clean, {count}; it judges {attacked.Count}.", nameof(attacked));
        int[] met = [.. attacked.Met.Where((_, example) => 2L * clean.Correct[example] > clean.Draws)];
        return new AttackRates(new Tally(attacked.Draws).Add(met), attacked.Confidence, attacked.Success);
    }

    private static DrawRates Complement(DrawRates rates) => new(rates.MeanDraw.Complement(), rates.Majority.Complement(), rates.WorstOfK.Complement());
}
