using System.Globalization;
using System.Text.Json.Serialization;

namespace Defenses.Statistics;

/// <summary>A number with its confidence interval.</summary>
/// <param name="Value">The estimated value.</param>
/// <param name="Lower">The lower end of the interval.</param>
/// <param name="Upper">The upper end of the interval.</param>
public sealed record Estimate(double Value, double Lower, double Upper)
{
    /// <summary>The interval.</summary>
    [JsonIgnore]
    public Interval Interval => new(Lower, Upper);

    /// <summary>"0.12 [0.05, 0.19]".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:G4} {Interval}");
}
