using Defenses.Detection;
using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The numbers of all detectors and what the attacks did, gathered part by part.</summary>
internal sealed class MvmResults
{
    private readonly Dictionary<(string Row, string Kind), List<double[]>> _numbers = [];
    private readonly HashSet<string> _fitted = [];
    private readonly Dictionary<(string Row, string Attack), (double[] Clean, double[] Attacked)> _weighed = [];
    private readonly Dictionary<string, List<AttackOutcome>> _outcomes = [];

    /// <summary>What attacks with and without knowledge of the detector did to images that no threshold was chosen on.</summary>
    internal IReadOnlyDictionary<string, DetectionOutcome> Unseen { get; set; } = new Dictionary<string, DetectionOutcome>();

    internal void Add(MvmRow row, string kind, double[][] numbers)
    {
        if (row.IsFitted) _fitted.Add(row.Name);
        if (!_numbers.TryGetValue((row.Name, kind), out var all)) _numbers[(row.Name, kind)] = all = [];
        all.AddRange(numbers);
    }

    internal void Add(string attack, AttackOutcome outcome)
    {
        if (!_outcomes.TryGetValue(attack, out var all)) _outcomes[attack] = all = [];
        all.Add(outcome);
    }

    /// <summary>Images that a row was judged on: all of its own, or the second half where it was fitted to the first.</summary>
    internal int Judged(string row) => Count(row) - (_fitted.Contains(row) ? Count(row) / 2 : 0);

    /// <summary>Attacked images, also those that are still recognised, against clean ones.</summary>
    internal RocCurve Curve(string row, string attack) => Curve(row, attack, _fitted.Contains(row) ? Count(row) / 2 : 0, Count(row));

    /// <summary>What one row gains over another, on the images that both were judged on.</summary>
    internal Estimate Gain(string row, string other, string attack)
    {
        var (from, to) = (new[] { row, other }.Max(name => _fitted.Contains(name) ? Count(name) / 2 : 0), Math.Min(Count(row), Count(other)));
        return Curve(row, attack, from, to).AucGainOver(Curve(other, attack, from, to));
    }

    /// <summary>The score of the first half's clean images that the given share of them exceeds.</summary>
    internal double Threshold(string row, string attack, double falseAlarms) => RocCurve.Threshold(Scores(row, attack).Clean[..(Count(row) / 2)], falseAlarms);

    /// <summary>Found images of the second half at that threshold, and the false alarms of the second half.</summary>
    internal (Proportion Found, Proportion False) At(string row, string attack, double falseAlarms)
    {
        var (threshold, curve) = (Threshold(row, attack, falseAlarms), Curve(row, attack, Count(row) / 2, Count(row)));
        return (curve.TruePositives(threshold), curve.FalsePositives(threshold));
    }

    internal Proportion Fooled(string attack)
    {
        var fooled = _outcomes[attack].SelectMany(outcome => outcome.Fooled).ToArray();
        return new Proportion(fooled.Count(one => one), fooled.Length);
    }

    internal double Change(string attack) => _outcomes[attack].SelectMany(outcome => outcome.Change).Average();

    /// <summary>What an attack that knows nothing did to images from the middle on, as a detector finds them.</summary>
    internal DetectionOutcome From(string row, string attack, int count)
    {
        var half = Count(row) / 2;
        var (fooled, scores) = (_outcomes[attack].SelectMany(outcome => outcome.Fooled).Skip(half).Take(count).ToArray(), Scores(row, attack).Attacked[half..]);
        return new DetectionOutcome(fooled, scores[..fooled.Length]);
    }

    /// <summary>Clean scores of the second half of a row.</summary>
    internal double[] Clean(string row) => [.. _numbers[(row, MvmMeasurement.Clean)].Skip(Count(row) / 2).Select(numbers => numbers[0])];

    private int Count(string row) => _numbers[(row, MvmMeasurement.Clean)].Count;

    private RocCurve Curve(string row, string attack, int from, int to)
    {
        var (clean, attacked) = Scores(row, attack);
        return new RocCurve(clean[from..to], attacked[from..to]);
    }

    private (double[] Clean, double[] Attacked) Scores(string row, string attack)
    {
        if (_weighed.TryGetValue((row, attack), out var known)) return known;
        var (clean, attacked) = (_numbers[(row, MvmMeasurement.Clean)], _numbers[(row, attack)]);
        return _weighed[(row, attack)] = _fitted.Contains(row) ? Weigh(clean, attacked)
            : ([.. clean.Select(numbers => numbers[0])], [.. attacked.Select(numbers => numbers[0])]);
    }

    // Fitted to the first half of the images, clean and attacked by this attack.
    private static (double[] Clean, double[] Attacked) Weigh(List<double[]> clean, List<double[]> attacked)
    {
        using var scope = NewDisposeScope();
        Tensor Rows(IReadOnlyList<double[]> numbers) => tensor(numbers.SelectMany(each => each).ToArray()).view(numbers.Count, -1);
        var regression = LogisticRegression.Fit(Rows(clean[..(clean.Count / 2)]), Rows(attacked[..(attacked.Count / 2)]));
        return (regression.LogOdds(Rows(clean)).data<double>().ToArray(), regression.LogOdds(Rows(attacked)).data<double>().ToArray());
    }
}
