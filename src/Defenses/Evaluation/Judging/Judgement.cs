using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>The result of a judge: for each example the number of fresh draws, out of K, in which the goal was met and
/// the label recognized. Holds no tensors.</summary>
public sealed class Judgement
{
    private readonly int[] _correct, _met;

    internal Judgement(Judge judge, ulong seed, bool isRandom, int[] correct, int[] met)
        : this(judge.Draws, judge.Confidence, seed, isRandom, correct, met) { }

    private Judgement(int draws, double confidence, ulong seed, bool isRandom, int[] correct, int[] met)
    {
        (Draws, Confidence, Seed, IsRandom, _correct, _met) = (draws, confidence, seed, isRandom, correct, met);
        Accuracy = new Tally(draws).Add(correct).Accuracy(confidence)!;
        var success = new Tally(draws).Add(met);
        (Success, Tries) = (success.Success(confidence)!, success.Tries(confidence)!);
    }

    /// <summary>K, the number of draws of each example.</summary>
    public int Draws { get; }

    /// <summary>The confidence of the intervals.</summary>
    public double Confidence { get; }

    /// <summary>The seed of the judge's stream.</summary>
    public ulong Seed { get; }

    /// <summary>Whether the model is random; a deterministic model is run once and counted K times.</summary>
    public bool IsRandom { get; }

    /// <summary>The number of examples, N.</summary>
    public int Count => _correct.Length;

    /// <summary>The number of draws, out of K, in which each example was recognized as its label, (N,).</summary>
    public IReadOnlyList<int> Correct => _correct;

    /// <summary>The number of draws, out of K, in which each example met the goal, (N,).</summary>
    public IReadOnlyList<int> Met => _met;

    /// <summary>The share of draws in which each example met the goal, (N,).</summary>
    public IReadOnlyList<double> SuccessRate => Array.ConvertAll(_met, met => (double)met / Draws);

    /// <summary>The rates at which the label was recognized.</summary>
    public DrawRates Accuracy { get; }

    /// <summary>The rates at which the goal was met.</summary>
    public DrawRates Success { get; }

    /// <summary>The rates at which the goal was met within 1 … K fresh tries.</summary>
    public TriesCurve Tries { get; }

    /// <summary>The exact interval of one example's success rate over draws; a point on a deterministic model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public Interval SuccessInterval(int example)
    {
        var met = _met[Require.Below(example, 0, Count, nameof(example))];
        return IsRandom ? BinomialInterval.ClopperPearson(met, Draws, Confidence) : new Interval((double)met / Draws, (double)met / Draws);
    }

    /// <summary>Joins judgements in their order. The result equals one judgement of all examples.</summary>
    /// <exception cref="ArgumentException">There are no parts, or draws, confidence, seed or model differ.</exception>
    public static Judgement Join(IReadOnlyList<Judgement> parts)
    {
        var first = Require.NotEmpty(parts, nameof(parts))[0];
        if (parts.Any(part => part.Settings != first.Settings))
            throw new ArgumentException("parts must come from judges with the same draws, confidence and seed, on the same model; they differ.", nameof(parts));
        return new Judgement(first.Draws, first.Confidence, first.Seed, first.IsRandom,
            [.. parts.SelectMany(part => part._correct)], [.. parts.SelectMany(part => part._met)]);
    }

    private (int, double, ulong, bool) Settings => (Draws, Confidence, Seed, IsRandom);
}

/// <summary>Sums the counts of an event in K draws of each example. Only whole numbers are added, so the order has no effect.</summary>
internal sealed class Tally(int draws)
{
    private readonly SortedDictionary<int, long> _images = [];   // the number of examples by their count
    private long _sum, _majority, _any, _all;

    internal long Count { get; private set; }

    internal void Add(int happened)
    {
        Count++;
        _sum += happened;
        if (2 * happened > draws) _majority++;
        if (happened > 0) _any++;
        if (happened == draws) _all++;
        _images[happened] = _images.GetValueOrDefault(happened) + 1;
    }

    internal Tally Add(IEnumerable<int> counts)
    {
        foreach (var count in counts) Add(count);
        return this;
    }

    /// <summary>The rates of an event that is bad for the defender: in the worst case it happens in at least one draw. Null without examples.</summary>
    internal DrawRates? Success(double confidence) => Rates(_any, confidence);

    /// <summary>The rates of an event that is good for the defender: in the worst case it must happen in every draw. Null without examples.</summary>
    internal DrawRates? Accuracy(double confidence) => Rates(_all, confidence);

    /// <summary>The rates of the event within several tries. Null without examples.</summary>
    internal TriesCurve? Tries(double confidence) => Count == 0 ? null : new TriesCurve(_images, draws, confidence);

    private DrawRates? Rates(long worst, double confidence) => Count == 0
        ? null
        : new DrawRates(new((double)_sum / draws, Count, confidence), new(_majority, Count, confidence), new(worst, Count, confidence));
}
