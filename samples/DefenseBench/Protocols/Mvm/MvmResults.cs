using Defenses.Detection;
using Defenses.Statistics;

namespace DefenseBench.Protocols.Mvm;

/// <summary>The scores of all detectors and what the attacks did, gathered part by part.</summary>
internal sealed class MvmResults
{
    private readonly Dictionary<(string Row, string Kind), List<double>> _scores = [];
    private readonly Dictionary<string, List<MvmOutcome>> _outcomes = [];

    internal void Add(MvmRow row, string kind, double[] scores)
    {
        if (!_scores.TryGetValue((row.Name, kind), out var all)) _scores[(row.Name, kind)] = all = [];
        all.AddRange(scores);
    }

    internal void Add(string attack, MvmOutcome outcome)
    {
        if (!_outcomes.TryGetValue(attack, out var all)) _outcomes[attack] = all = [];
        all.Add(outcome);
    }

    /// <summary>All attacked images, also those that are still recognised, against all clean ones.</summary>
    internal RocCurve Curve(string row, string attack) => new(_scores[(row, MvmChunk.Clean)], _scores[(row, attack)]);

    /// <summary>Found images of the second half at the threshold that calls 5 % of the first half's clean ones attacked, and the false alarms of the second half.</summary>
    internal (Proportion Found, Proportion False) AtFivePercent(string row, string attack)
    {
        var (clean, attacked) = (_scores[(row, MvmChunk.Clean)], _scores[(row, attack)]);
        var half = clean.Count / 2;
        var threshold = RocCurve.Threshold(clean[..half], 0.05);
        var curve = new RocCurve(clean[half..], attacked[half..]);
        return (curve.TruePositives(threshold), curve.FalsePositives(threshold));
    }

    internal Proportion Fooled(string attack)
    {
        var fooled = _outcomes[attack].SelectMany(outcome => outcome.Fooled).ToArray();
        return new Proportion(fooled.Count(one => one), fooled.Length);
    }

    internal double Change(string attack) => _outcomes[attack].SelectMany(outcome => outcome.Change).Average();
}
