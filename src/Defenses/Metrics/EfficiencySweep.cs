using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>Compares families of defenses, each measured at several strengths: mean scores within a common range, and lines.</summary>
/// <remarks>Source: Wang et al. 2019 (IJCAI), Table 2 ("mean DES") and figure 2. The paper gives no intervals and
/// no rule for the range; both are additions.</remarks>
public static class EfficiencySweep
{
    /// <summary>The defense rates that every family reaches: from the largest of their smallest rates to the smallest of their
    /// largest; null if they have none in common.</summary>
    /// <param name="sweeps">At least one family; each has at least one strength.</param>
    /// <exception cref="ArgumentException">There is no family, or one is empty.</exception>
    public static Interval? CommonRange(IReadOnlyList<IReadOnlyList<SweepPoint>> sweeps)
    {
        foreach (var sweep in Require.NotEmpty(sweeps, nameof(sweeps))) Check(sweep, nameof(sweeps));
        var lower = sweeps.Max(sweep => sweep.Min(point => point.DefenseRate.Rate));
        var upper = sweeps.Min(sweep => sweep.Max(point => point.DefenseRate.Rate));
        return lower <= upper ? new Interval(lower, upper) : null;
    }

    /// <summary>The mean score of the strengths whose defense rate lies in the range.</summary>
    /// <remarks>
    /// With m strengths in the range the score of each is taken at confidence 1 − α/m (its parts at 1 − α/(2m)), so that all hold together; the
    /// mean then lies between the means of their ends, for any dependence. The choice of the strengths by measured rates is not covered.
    /// </remarks>
    /// <param name="sweep">The strengths of one family, at least one.</param>
    /// <param name="baseRate">Defense rate of the unprotected model under the same attack; its confidence is that of the result.</param>
    /// <param name="baseAccuracy">Clean accuracy of the unprotected model.</param>
    /// <param name="range">Defense rates to keep, ends included; all of them by default.</param>
    /// <param name="eta">η, above 0; by default 0.002.</param>
    /// <exception cref="ArgumentException">The sweep is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">η is not above 0.</exception>
    public static MeanEfficiency Mean(
        IReadOnlyList<SweepPoint> sweep, Proportion baseRate, Proportion baseAccuracy, Interval? range = null, double eta = DefenseEfficiency.DefaultEta)
    {
        Check(sweep, nameof(sweep));
        Require.NotNull(baseRate, nameof(baseRate));
        Require.NotNull(baseAccuracy, nameof(baseAccuracy));
        Require.Positive(eta, nameof(eta));
        var kept = sweep.Where(point => (range ?? Interval.Unbounded).Contains(point.DefenseRate.Rate)).ToArray();
        var joint = 1 - (1 - baseRate.Confidence) / Math.Max(1, kept.Length);
        EfficiencyScore[] scores = [.. kept.Select(point => DefenseEfficiency.Measure(
            point.DefenseRate.WithConfidence(joint), baseRate.WithConfidence(joint), baseAccuracy.WithConfidence(joint), point.Accuracy.WithConfidence(joint),
                eta))];
        var defined = scores.Length > 0 && scores.All(score => score.Value is not null);
        var bounded = scores.Length > 0 && scores.All(score => score.Range is not null);
        return new MeanEfficiency(
            defined ? scores.Average(score => score.Value!.Value) : null,
            bounded ? new Interval(scores.Average(score => score.Range!.Value.Lower), scores.Average(score => score.Range!.Value.Upper)) : null,
            scores, [.. kept.Select(point => point.Strength)], sweep.Count - kept.Length);
    }

    /// <summary>The line of figure 2: gain in defense rate Δd over loss of accuracy Δt, both as fractions; a steeper
    /// line costs less for the same gain.</summary>
    /// <remarks>Slope: Δd for each unit of Δt. Intercept: Δd without loss. The intervals are those of the fit, not of the measured rates.</remarks>
    /// <param name="sweep">At least two strengths with different accuracies.</param>
    /// <param name="baseRate">Defense rate of the unprotected model under the same attack, in [0, 1].</param>
    /// <param name="baseAccuracy">Clean accuracy of the unprotected model, in [0, 1].</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There are fewer than two strengths, or all have the same accuracy.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static LineFit Fit(IReadOnlyList<SweepPoint> sweep, double baseRate, double baseAccuracy, double confidence = 0.95)
    {
        Check(sweep, nameof(sweep));
        Require.Within(baseRate, 0, 1, nameof(baseRate));
        Require.Within(baseAccuracy, 0, 1, nameof(baseAccuracy));
        double[] losses = [.. sweep.Select(point => baseAccuracy - point.Accuracy.Rate)];
        if (losses.Distinct().Count() < 2)
            throw new ArgumentException("sweep must hold two strengths with different accuracies, or there is no line.", nameof(sweep));
        return LeastSquares.Line(losses, [.. sweep.Select(point => point.DefenseRate.Rate - baseRate)], confidence);
    }

    private static void Check(IReadOnlyList<SweepPoint> sweep, string name)
    {
        foreach (var point in Require.NotEmpty(sweep, name))
            if (point?.DefenseRate is null || point.Accuracy is null)
                throw new ArgumentException($"{name} must hold whole points; one of them, or one of its rates, is null.", name);
    }
}

/// <summary>One defense at one of its strengths, under one attack: its defense rate and its accuracy.</summary>
/// <param name="Strength">How strong the defense is, in its own units: a dropout rate, a number of channels.</param>
/// <param name="DefenseRate">1 − attack success rate.</param>
/// <param name="Accuracy">Clean accuracy.</param>
public sealed record SweepPoint(double Strength, Proportion DefenseRate, Proportion Accuracy);

/// <summary>The accuracy, robustness and latency of a defense.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Accuracy">Clean accuracy; more is better.</param>
/// <param name="Robustness">Accuracy under attack, or defense rate; more is better.</param>
/// <param name="Latency">Time or relative cost of a prediction; less is better. Null if it is not compared.</param>
public sealed record TradeOff(string Name, Estimate Accuracy, Estimate Robustness, Estimate? Latency = null);
