using Defenses.Detection;
using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The numbers that detectors find in clean and in attacked images, gathered part by part, and their ROC curves.</summary>
internal sealed class DetectorScores
{
    /// <summary>The kind of images that are as they were.</summary>
    internal const string Clean = "clean";
    private readonly Dictionary<(string Row, string Kind), List<double[]>> _numbers = [];
    private readonly HashSet<string> _fitted = [];
    private readonly Dictionary<(string Row, string Attack), (double[] Clean, double[] Attacked)> _weighed = [];

    /// <param name="row">The detector.</param>
    /// <param name="isFitted">Whether a logistic regression weighs its numbers, fitted to the first half of the images and judged on the second. If not, the
    /// only number is the score.</param>
    /// <param name="kind">"clean", or an attack.</param>
    /// <param name="numbers">Of the next images, in the same order for every kind.</param>
    internal void Add(string row, bool isFitted, string kind, IEnumerable<double[]> numbers)
    {
        if (isFitted) _fitted.Add(row);
        if (!_numbers.TryGetValue((row, kind), out var all)) _numbers[(row, kind)] = all = [];
        all.AddRange(numbers);
    }

    /// <summary>Images that a row has numbers of.</summary>
    internal int Count(string row) => _numbers[(row, Clean)].Count;

    /// <summary>The first image that a row is judged on: the middle one where it was fitted to the first half.</summary>
    internal int First(string row) => _fitted.Contains(row) ? Count(row) / 2 : 0;

    /// <summary>Attacked images, also those that are still recognised, against clean ones.</summary>
    internal RocCurve Curve(string row, string attack) => Curve(row, attack, First(row), Count(row));

    /// <summary>The same for a part of the images.</summary>
    internal RocCurve Curve(string row, string attack, int from, int to)
    {
        var (clean, attacked) = Scores(row, attack);
        return new RocCurve(clean[from..to], attacked[from..to]);
    }

    /// <summary>What one row gains over another, on the images that both were judged on.</summary>
    internal Estimate Gain(string row, string other, string attack)
    {
        var (from, to) = (Math.Max(First(row), First(other)), Math.Min(Count(row), Count(other)));
        return Curve(row, attack, from, to).AucGainOver(Curve(other, attack, from, to));
    }

    /// <summary>One score for each image, clean and attacked.</summary>
    internal (double[] Clean, double[] Attacked) Scores(string row, string attack)
    {
        if (_weighed.TryGetValue((row, attack), out var known)) return known;
        var (clean, attacked) = (_numbers[(row, Clean)], _numbers[(row, attack)]);
        return _weighed[(row, attack)] = _fitted.Contains(row) ? Weigh(clean, attacked)
            : ([.. clean.Select(numbers => numbers[0])], [.. attacked.Select(numbers => numbers[0])]);
    }

    /// <summary>The first number of each clean image from one on.</summary>
    internal double[] CleanFrom(string row, int first) => [.. _numbers[(row, Clean)].Skip(first).Select(numbers => numbers[0])];

    // Fitted to the first half of the images, clean and attacked by this attack.
    private static (double[] Clean, double[] Attacked) Weigh(List<double[]> clean, List<double[]> attacked)
    {
        using var scope = NewDisposeScope();
        Tensor Rows(IReadOnlyList<double[]> numbers) => tensor(numbers.SelectMany(each => each).ToArray()).view(numbers.Count, -1);
        var regression = LogisticRegression.Fit(Rows(clean[..(clean.Count / 2)]), Rows(attacked[..(attacked.Count / 2)]));
        return (regression.LogOdds(Rows(clean)).data<double>().ToArray(), regression.LogOdds(Rows(attacked)).data<double>().ToArray());
    }
}
