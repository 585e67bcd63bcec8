namespace Defenses.Evaluation.Work;

/// <summary>Sums over examples that were counted twice, to tell how the two counts go together.</summary>
internal sealed class PairTally
{
    private long _a, _b, _aa, _bb, _ab;

    internal long Count { get; private set; }

    internal void Add(int a, int b)
    {
        Count++;
        _a += a;
        _b += b;
        _aa += (long)a * a;
        _bb += (long)b * b;
        _ab += (long)a * b;
    }

    /// <summary>The correlation of two means, over <paramref name="first"/> and <paramref name="second"/> examples, of which these pairs are the common ones.</summary>
    internal double CorrelationOfMeans(long first, long second)
    {
        double n = Count, covariance = n * _ab - (double)_a * _b, spread = Math.Sqrt((n * _aa - (double)_a * _a) * (n * _bb - (double)_b * _b));
        return spread > 0 ? Math.Clamp(covariance / spread, -1, 1) * n / Math.Sqrt((double)first * second) : 0;
    }
}
