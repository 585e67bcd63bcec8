using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>A defense efficiency score with its two differences, each with its interval.</summary>
public sealed record EfficiencyScore
{
    /// <summary>Computes the score from its parts; <see cref="DefenseEfficiency.Measure"/> computes the parts from rates.</summary>
    /// <param name="rateGain">Δd.</param>
    /// <param name="accuracyLoss">Δt.</param>
    /// <param name="eta">η, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">η is not a finite number above 0.</exception>
    public EfficiencyScore(Estimate rateGain, Estimate accuracyLoss, double eta = DefenseEfficiency.DefaultEta)
    {
        RateGain = Require.NotNull(rateGain, nameof(rateGain));
        AccuracyLoss = Require.NotNull(accuracyLoss, nameof(accuracyLoss));
        Eta = Require.Positive(eta, nameof(eta));
        var cost = accuracyLoss.Value + eta;
        Value = DefenseEfficiency.IsZero(cost) ? null : rateGain.Value / cost;
        Range = Box(rateGain.Interval, accuracyLoss.Lower + eta, accuracyLoss.Upper + eta);
    }

    /// <summary>Δd: defense rate minus that of the unprotected model under the same attack and strength.</summary>
    public Estimate RateGain { get; }

    /// <summary>Δt: accuracy of the unprotected model minus that of the defense, without attack.</summary>
    public Estimate AccuracyLoss { get; }

    /// <summary>η: keeps the score finite for a defense without cost.</summary>
    public double Eta { get; }

    /// <summary>Δd / (Δt + η); null if Δt = −η, where it is not defined.</summary>
    public double? Value { get; }

    /// <summary>
    /// The smallest and largest score over all Δd and Δt in their intervals; null if the interval of Δt + η contains 0: then the data allow any
    /// score, and the value has no meaning.
    /// </summary>
    public Interval? Range { get; }

    private static Interval? Box(Interval gain, double low, double high)
    {
        if (low <= DefenseEfficiency.Tiny && high >= -DefenseEfficiency.Tiny) return null;
        double[] ends = [gain.Lower / low, gain.Lower / high, gain.Upper / low, gain.Upper / high];
        return new Interval(ends.Min(), ends.Max());
    }
}
