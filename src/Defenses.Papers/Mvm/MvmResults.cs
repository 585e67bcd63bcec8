using Defenses.Detection;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The numbers of all detectors and what the attacks did, gathered part by part.</summary>
internal sealed class MvmResults
{
    private readonly DetectorScores _scores = new();
    private readonly Dictionary<string, List<AttackOutcome>> _outcomes = [];

    /// <summary>What attacks with and without knowledge of the detector did to images that no threshold was chosen on.</summary>
    internal IReadOnlyDictionary<string, DetectionOutcome> Unseen { get; set; } = new Dictionary<string, DetectionOutcome>();

    internal void Add(MvmRow row, string kind, double[][] numbers) => _scores.Add(row.Name, row.IsFitted, kind, numbers);

    internal void Add(string attack, AttackOutcome outcome)
    {
        if (!_outcomes.TryGetValue(attack, out var all)) _outcomes[attack] = all = [];
        all.Add(outcome);
    }

    /// <summary>Images that a row was judged on: all of its own, or the second half where it was fitted to the first.</summary>
    internal int Judged(string row) => _scores.Count(row) - _scores.First(row);

    /// <inheritdoc cref="DetectorScores.Curve(string, string)"/>
    internal RocCurve Curve(string row, string attack) => _scores.Curve(row, attack);

    /// <inheritdoc cref="DetectorScores.Gain"/>
    internal Estimate Gain(string row, string other, string attack) => _scores.Gain(row, other, attack);

    /// <summary>The score of the first half's clean images that the given share of them exceeds.</summary>
    internal double Threshold(string row, string attack, double falseAlarms) =>
        RocCurve.Threshold(_scores.Scores(row, attack).Clean[..Half(row)], falseAlarms);

    /// <summary>Found images of the second half at that threshold, and the false alarms of the second half.</summary>
    internal (Proportion Found, Proportion False) At(string row, string attack, double falseAlarms)
    {
        var (threshold, curve) = (Threshold(row, attack, falseAlarms), _scores.Curve(row, attack, Half(row), _scores.Count(row)));
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
        var fooled = _outcomes[attack].SelectMany(outcome => outcome.Fooled).Skip(Half(row)).Take(count).ToArray();
        return new DetectionOutcome(fooled, _scores.Scores(row, attack).Attacked[Half(row)..][..fooled.Length]);
    }

    /// <summary>Clean scores of the second half of a row.</summary>
    internal double[] Clean(string row) => _scores.CleanFrom(row, Half(row));

    private int Half(string row) => _scores.Count(row) / 2;
}
