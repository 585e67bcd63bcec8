using Defenses.Statistics;

namespace Defenses.Detection;

/// <summary>How well scores separate attacked from clean inputs, over all thresholds. A detector fires if the score is above the threshold.</summary>
/// <remarks>
/// The area is that of Mann and Whitney: the probability that an attacked input scores higher than a clean one, a tie counts half
/// (mid-ranks). Scores with few values, such as entropies of votes, have many ties. Everything is computed from the given scores: choose a
/// threshold on separate data, or its rate is overestimated.
/// </remarks>
public sealed class RocCurve
{
    private readonly double[] _clean, _attacked;   // ascending
    private readonly DeLongPlacements _placements;

    /// <summary>Ranks the scores.</summary>
    /// <param name="clean">Scores of clean inputs, at least one; a higher score is more suspicious. Infinite scores are allowed, NaN is not.</param>
    /// <param name="attacked">Scores of attacked inputs, likewise.</param>
    /// <exception cref="ArgumentException">There are no scores, or one is NaN.</exception>
    public RocCurve(IReadOnlyList<double> clean, IReadOnlyList<double> attacked)
    {
        _placements = new DeLongPlacements(ScoreCounts.Checked(clean, nameof(clean)), ScoreCounts.Checked(attacked, nameof(attacked)));
        (_clean, _attacked) = ([.. clean.Order()], [.. attacked.Order()]);
        Points = [.. Trace()];
    }

    /// <summary>The area under the curve, 0 to 1; ½ for scores without information.</summary>
    public double Auc => _placements.Auc;

    /// <summary>Number of clean inputs.</summary>
    public int Clean => _clean.Length;

    /// <summary>Number of attacked inputs.</summary>
    public int Attacked => _attacked.Length;

    /// <summary>The corners of the curve, from the threshold at which the detector never fires to the one at which it always fires.</summary>
    public IReadOnlyList<RocPoint> Points { get; }

    /// <summary>The area with its interval.</summary>
    /// <remarks>
    /// DeLong, DeLong and Clarke-Pearson 1988, on the scale of log(A/(1 − A)), so that it stays within 0 and 1. If their variance is 0 or undefined
    /// (scores that separate perfectly, one input of a kind): the score interval of Newcombe 2006 (method 5). Approximate; tests simulate the coverage.
    /// </remarks>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public Estimate AucWithin(double confidence = Confidence.Default) =>
        AucIntervals.Of(_placements, Confidence.Check(confidence, nameof(confidence)));

    /// <summary>The area of this curve minus that of another for the same inputs in the same order, with its interval (DeLong's, paired).</summary>
    /// <param name="other">Another detector on the same clean and the same attacked inputs.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">The curves have different numbers of inputs, or fewer than two of a kind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public Estimate AucGainOver(RocCurve other, double confidence = Confidence.Default)
    {
        Confidence.Check(confidence, nameof(confidence));
        if (Require.NotNull(other, nameof(other)).Clean != Clean || other.Attacked != Attacked)
            throw new ArgumentException(
                $"other must be about the same inputs, {Clean} clean and {Attacked} attacked; it is about {other.Clean} and {other.Attacked}.", nameof(other));
        return AucIntervals.Difference(_placements, other._placements, confidence);
    }

    /// <summary>The smallest threshold among the clean scores at which at most the given share of them lies above it.</summary>
    /// <param name="clean">Scores of clean inputs, at least one.</param>
    /// <param name="falsePositiveRate">The share, in [0, 1); at 0 the largest score.</param>
    /// <exception cref="ArgumentException">There are no scores, or one is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public static double Threshold(IReadOnlyList<double> clean, double falsePositiveRate)
    {
        Require.Below(falsePositiveRate, 0, 1, nameof(falsePositiveRate));
        return ScoreCounts.Threshold([.. ScoreCounts.Checked(clean, nameof(clean)).Order()], falsePositiveRate);
    }

    /// <summary>The share of these clean inputs that a detector with the given threshold fires on, with its exact interval.</summary>
    /// <param name="threshold">Chosen on other data.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public Proportion FalsePositives(double threshold, double confidence = Confidence.Default) =>
        new(ScoreCounts.CountAbove(_clean, threshold), Clean, confidence);

    /// <summary>The share of these attacked inputs that a detector with the given threshold fires on, with its exact interval.</summary>
    /// <inheritdoc cref="FalsePositives"/>
    public Proportion TruePositives(double threshold, double confidence = Confidence.Default) =>
        new(ScoreCounts.CountAbove(_attacked, threshold), Attacked, confidence);

    /// <summary>
    /// The share of attacked inputs found at the threshold where at most the given share of the same clean inputs is called attacked, with a
    /// bootstrap interval that chooses the threshold again in each resample. For a guarantee, choose the threshold on other data.
    /// </summary>
    /// <param name="falsePositiveRate">The share of false alarms, in [0, 1); 0.01 and 0.05 are usual.</param>
    /// <param name="seed">The seed of the resampling; by default 0.</param>
    /// <param name="resamples">At least 2; by default 2000.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public Estimate TruePositiveRateAt(double falsePositiveRate, ulong seed = 0, int resamples = 2000, double confidence = Confidence.Default)
    {
        Require.Below(falsePositiveRate, 0, 1, nameof(falsePositiveRate));
        var value = (double)ScoreCounts.CountAbove(_attacked, ScoreCounts.Threshold(_clean, falsePositiveRate)) / Attacked;
        var range = RateBootstrap.Interval(_clean, _attacked, falsePositiveRate, seed, resamples, confidence);
        return new Estimate(value, range.Lower, range.Upper);
    }

    /// <summary>"AUC 0.95 [0.93, 0.97]".</summary>
    public override string ToString() => $"AUC {AucWithin()}";

    private IEnumerable<RocPoint> Trace()
    {
        foreach (var threshold in _clean.Concat(_attacked).Distinct().OrderDescending())
            yield return new RocPoint(threshold, (double)ScoreCounts.CountAbove(_clean, threshold) / Clean,
                (double)ScoreCounts.CountAbove(_attacked, threshold) / Attacked);
        yield return new RocPoint(double.NegativeInfinity, 1, 1);
    }
}

/// <summary>The rates of a detector at one threshold.</summary>
/// <param name="Threshold">It fires if the score is above this; −∞: always.</param>
/// <param name="FalsePositiveRate">The share of clean inputs it fires on.</param>
/// <param name="TruePositiveRate">The share of attacked inputs it fires on.</param>
public readonly record struct RocPoint(double Threshold, double FalsePositiveRate, double TruePositiveRate);
