using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>Sums up how often something happened in K draws of each example: whole numbers only, so the order of adding changes nothing.</summary>
internal sealed class Tally(int draws)
{
    private long _sum, _majority, _any, _all;

    internal long Count { get; private set; }

    internal void Add(int happened)
    {
        Count++;
        _sum += happened;
        if (2 * happened > draws) _majority++;
        if (happened > 0) _any++;
        if (happened == draws) _all++;
    }

    internal Tally Add(IEnumerable<int> counts)
    {
        foreach (var count in counts) Add(count);
        return this;
    }

    /// <summary>The rates of something bad for the defender: at worst it happens in any draw. Null without examples.</summary>
    internal DrawRates? Success(double confidence) => Rates(_any, confidence);

    /// <summary>The rates of something good for the defender: at worst it happens in every draw only. Null without examples.</summary>
    internal DrawRates? Accuracy(double confidence) => Rates(_all, confidence);

    private DrawRates? Rates(long worst, double confidence) => Count == 0
        ? null
        : new DrawRates(new((double)_sum / draws, Count, confidence), new(_majority, Count, confidence), new(worst, Count, confidence));
}
