using System.Globalization;
using System.Text.Json.Serialization;

namespace Defenses.Statistics;

/// <summary>A rate of successes in independent trials, with its exact interval.</summary>
/// <remarks>
/// Successes may be a fraction when each trial is itself a mean of draws; the interval is then that of <see cref="BoundedMean.ClopperPearson"/>.
/// </remarks>
public sealed record Proportion
{
    /// <summary>Computes rate and interval.</summary>
    /// <param name="successes">0 to <paramref name="trials"/>.</param>
    /// <param name="trials">At least 1.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public Proportion(double successes, long trials, double confidence = Statistics.Confidence.Default)
    {
        var interval = BoundedMean.ClopperPearson(successes, trials, confidence);
        (Successes, Trials, Confidence, Lower, Upper) = (successes, trials, confidence, interval.Lower, interval.Upper);
    }

    /// <summary>How many trials succeeded.</summary>
    public double Successes { get; }

    /// <summary>How many there were.</summary>
    public long Trials { get; }

    /// <summary>The least share of repetitions in which the interval contains the true rate.</summary>
    public double Confidence { get; }

    /// <summary>Successes / Trials.</summary>
    public double Rate => Successes / Trials;

    /// <summary>The lower end of the interval.</summary>
    public double Lower { get; }

    /// <summary>The upper end of the interval.</summary>
    public double Upper { get; }

    /// <summary>The interval.</summary>
    [JsonIgnore]
    public Interval Interval => new(Lower, Upper);

    /// <summary>The rate of failures.</summary>
    public Proportion Complement() => new(Trials - Successes, Trials, Confidence);

    /// <summary>The same rate with an interval of another confidence.</summary>
    /// <param name="confidence">Between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public Proportion WithConfidence(double confidence) => new(Successes, Trials, confidence);

    /// <summary>"37.5 % [30.1, 45.2]".</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * Rate:F1} % [{100 * Lower:F1}, {100 * Upper:F1}]");
}
