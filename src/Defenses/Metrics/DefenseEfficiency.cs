using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>The defense efficiency score, gain per cost: DES = Δd / (Δt + η).</summary>
/// <remarks>
/// Δd is the gain in defense rate over the unprotected model under the same attack and strength, Δt the loss of clean accuracy, both as
/// fractions. The score grows without limit as Δt approaches −η and is negative below −η; always print it with its parts.
/// Source: Wang et al. 2019 (IJCAI), "Protecting Neural Networks with Hierarchical Random Switching".
/// </remarks>
public static class DefenseEfficiency
{
    /// <summary>The paper's η, 0.002.</summary>
    public const double DefaultEta = 0.002;

    internal const double Tiny = 1e-12;

    /// <summary>The score of four rates: (defendedRate − baseRate) / (baseAccuracy − accuracy + eta).</summary>
    /// <param name="defendedRate">Defense rate (1 − attack success rate) with the defense, in [0, 1].</param>
    /// <param name="baseRate">Defense rate without the defense, under the same attack and strength, in [0, 1].</param>
    /// <param name="baseAccuracy">Clean accuracy without the defense, in [0, 1].</param>
    /// <param name="accuracy">Clean accuracy with the defense, in [0, 1].</param>
    /// <param name="eta">η, above 0; by default 0.002.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rate lies outside [0, 1], η is not above 0, or the score is not defined (Δt = −η).</exception>
    public static double Score(double defendedRate, double baseRate, double baseAccuracy, double accuracy, double eta = DefaultEta)
    {
        var gain = Require.Within(defendedRate, 0, 1, nameof(defendedRate)) - Require.Within(baseRate, 0, 1, nameof(baseRate));
        var loss = Require.Within(baseAccuracy, 0, 1, nameof(baseAccuracy)) - Require.Within(accuracy, 0, 1, nameof(accuracy));
        if (IsZero(loss + Require.Positive(eta, nameof(eta))))
            throw new ArgumentOutOfRangeException(
                nameof(accuracy), accuracy, "accuracy must not exceed baseAccuracy by exactly eta: the score is not defined there. Use its parts.");
        return gain / (loss + eta);
    }

    /// <summary>The score of measured rates, with its parts and intervals.</summary>
    /// <remarks>
    /// The intervals of Δd and Δt are each taken at confidence 1 − α/2, so that both hold together at 1 − α for any dependence; the
    /// interval of the score covers all scores within both.
    /// </remarks>
    /// <param name="defendedRate">Defense rate with the defense; its confidence is that of the result.</param>
    /// <param name="baseRate">Defense rate without the defense, under the same attack and strength.</param>
    /// <param name="baseAccuracy">Clean accuracy without the defense.</param>
    /// <param name="accuracy">Clean accuracy with the defense.</param>
    /// <param name="eta">η, above 0; by default 0.002.</param>
    /// <param name="rateCorrelation">Correlation of the two defense rates, −1 to 1; 0 (default) when measured on different examples.</param>
    /// <param name="accuracyCorrelation">Correlation of the two accuracies, −1 to 1; 0 (default) when measured on different examples.</param>
    /// <exception cref="ArgumentOutOfRangeException">η is not above 0, or a correlation lies outside [−1, 1].</exception>
    public static EfficiencyScore Measure(
        Proportion defendedRate, Proportion baseRate, Proportion baseAccuracy, Proportion accuracy, double eta = DefaultEta,
        double rateCorrelation = 0, double accuracyCorrelation = 0)
    {
        Require.Positive(eta, nameof(eta));
        var joint = 1 - (1 - Require.NotNull(defendedRate, nameof(defendedRate)).Confidence) / 2;
        Proportion At(Proportion rate, string name) => Require.NotNull(rate, name).WithConfidence(joint);
        return new EfficiencyScore(
            ProportionDifference.Between(At(defendedRate, nameof(defendedRate)), At(baseRate, nameof(baseRate)), rateCorrelation),
            ProportionDifference.Between(At(baseAccuracy, nameof(baseAccuracy)), At(accuracy, nameof(accuracy)), accuracyCorrelation), eta);
    }

    internal static bool IsZero(double cost) => Math.Abs(cost) < Tiny;
}

/// <summary>The mean defense efficiency score over those strengths of a defense whose defense rate lies in a common range.</summary>
/// <param name="Value">The mean of the scores; null if no strength lies in the range, or a score is not defined.</param>
/// <param name="Range">The interval of the mean; null if the data allow any score (see <see cref="EfficiencyScore.Range"/>).</param>
/// <param name="Scores">The scores of the strengths in the range, with their parts; the confidence of each part is high enough that all hold together.</param>
/// <param name="Strengths">The strengths in the range.</param>
/// <param name="LeftOut">The number of strengths outside the range.</param>
public sealed record MeanEfficiency(
    double? Value, Interval? Range, IReadOnlyList<EfficiencyScore> Scores, IReadOnlyList<double> Strengths, int LeftOut);
