using System.Globalization;
using System.Text.Json.Serialization;

namespace Defenses.Statistics;

/// <summary>A range of numbers, its ends included.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end, not below <paramref name="Lower"/>.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>Every number.</summary>
    public static Interval Unbounded { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Upper − Lower.</summary>
    [JsonIgnore]
    public double Width => Upper - Lower;

    /// <summary>Whether both ends are finite.</summary>
    [JsonIgnore]
    public bool IsBounded => double.IsFinite(Lower) && double.IsFinite(Upper);

    /// <summary>Whether the number lies in the range.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;

    /// <summary>"[0.1, 0.3]".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Lower:G4}, {Upper:G4}]");
}
