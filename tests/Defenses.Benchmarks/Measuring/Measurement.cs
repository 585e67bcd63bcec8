namespace Defenses.Benchmarks.Measuring;

/// <summary>What the rounds of one row gave.</summary>
internal sealed record Measurement(string Name, IReadOnlyList<double> Ratios, double? Bar, string Note)
{
    public double Median => Middle(Ratios);

    public double Lowest => Ratios.Min();

    public double Highest => Ratios.Max();

    public bool MissesBar => Median > Bar;

    public static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
