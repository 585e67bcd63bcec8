using System.Globalization;
using Defenses.Metrics;

namespace Defenses.Benchmarks.MinimumNorm;

/// <summary>The smallest changes of several attacks on one network in one norm, beside the smallest known from others.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="Norm">The name of the norm.</param>
/// <param name="Attacks">Each attack and what it found.</param>
/// <param name="Others">The smallest change of each image that other libraries found.</param>
internal sealed record SmallestTable(string Network, string Norm, IReadOnlyList<(string Name, SmallestChanges Found)> Attacks, IReadOnlyList<double> Others)
{
    /// <summary>The smallest change of each image over all attacks.</summary>
    public IReadOnlyList<double> Best => Optimality.Envelope([.. Attacks.Select(attack => attack.Found.Effective)]);

    /// <summary>The rows of the table, without the heading.</summary>
    public IEnumerable<string[]> Rows()
    {
        foreach (var (name, found) in Attacks)
            yield return Row(name, found.Effective, found.Passes.ToString("F0", CultureInfo.InvariantCulture));
        yield return Row("**all of these**", Best, Attacks.Sum(attack => attack.Found.Passes).ToString("F0", CultureInfo.InvariantCulture));
    }

    /// <summary>The columns.</summary>
    public static string[] Headings => ["network", "norm", "attack", "median", "÷ others' best", "near of", "share of the envelope", "passes"];

    private string[] Row(string name, IReadOnlyList<double> sizes, string passes) =>
    [
        Network, Norm, name, Number(Median(sizes)), Number(Median(sizes) / Median(Others)), $"{sizes.Zip(Others).Count(Near)} of {Others.Count}",
        Number(Share(sizes)), passes,
    ];

    private bool Near((double Ours, double Others) image) => Norm == "L0" ? image.Ours <= image.Others + 1 : image.Ours <= 1.05 * image.Others + 1e-9;

    // Of all attacks and of the others.
    private double Share(IReadOnlyList<double> sizes) => Optimality.Local(sizes, Optimality.Envelope([Best, Others]))?.Value ?? double.NaN;

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Number(double value) => value.ToString(value >= 10 ? "F1" : value >= 1 ? "F3" : "F4", CultureInfo.InvariantCulture);
}
