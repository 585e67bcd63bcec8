namespace Defenses.Evaluation.Work;

/// <summary>Sums over examples with two numbers each, for the correlation of the numbers.</summary>
/// <remarks>Sums of counts are whole numbers, so the order of the examples has no effect on them.</remarks>
internal sealed class PairTally
{
    private double _a, _b, _aa, _bb, _ab;

    internal long Count { get; private set; }

    internal void Add(double a, double b)
    {
        Count++;
        _a += a;
        _b += b;
        _aa += a * a;
        _bb += b * b;
        _ab += a * b;
    }

    /// <summary>The correlation of two means, over <paramref name="first"/> and <paramref name="second"/> examples, of which
    /// these pairs are the common examples.</summary>
    internal double CorrelationOfMeans(long first, long second)
    {
        double n = Count, covariance = n * _ab - _a * _b;
        double firstSpread = n * _aa - _a * _a, secondSpread = n * _bb - _b * _b;
        if (!(firstSpread > Rounding * n * _aa) || !(secondSpread > Rounding * n * _bb)) return 0;   // numbers that do not vary
        return Math.Clamp(covariance / Math.Sqrt(firstSpread * secondSpread), -1, 1) * n / Math.Sqrt((double)first * second);
    }

    private const double Rounding = 1e-12;
}
