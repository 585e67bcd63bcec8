using System.Diagnostics;
using System.Globalization;

namespace Defenses.Evaluation.Work;

/// <summary>Counts pieces of work and their times, and reports the progress.</summary>
internal sealed class WorkProgress(EvaluationPlan plan, IProgress<EvaluationProgress>? progress)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<(int Defense, int? Cell), (long Count, double Seconds)> _times = [];
    private long _done;
    private double _checks;

    /// <summary>The total time of all pieces, in this and earlier runs, in seconds.</summary>
    internal double Seconds => _times.Values.Sum(time => time.Seconds) + _checks;

    /// <summary>Mean time of a cell's pieces, in seconds.</summary>
    internal double MeanSeconds(int defense, int cell) => _times.TryGetValue((defense, cell), out var time) ? time.Seconds / time.Count : 0;

    internal void Begin(int defense, int? cell, int strength, long block) => progress?.Report(Progress(Describe(defense, cell, strength, block)));

    internal void End(int defense, int? cell, double seconds)
    {
        _times.TryGetValue((defense, cell), out var time);
        _times[(defense, cell)] = (time.Count + 1, time.Seconds + seconds);
        _done++;
    }

    internal void BeginChecks(int defense) => progress?.Report(Progress($"{plan.Evaluation.Defenses[defense].Name}: checks"));

    internal void EndChecks(double seconds)
    {
        _checks += seconds;
        _done++;
    }

    internal void Finish() => progress?.Report(Progress("done"));

    private EvaluationProgress Progress(string doing) => new(doing, _done, plan.Pieces, _watch.Elapsed, Left());

    // Each kind of piece is expected to take its mean time so far; a new kind the mean of the same attack on other defenses, or the mean of all.
    private TimeSpan? Left()
    {
        if (_done == 0) return null;
        double left = 0, mean = (Seconds - _checks) / _done;
        for (var defense = 0; defense < plan.Defenses; defense++)
            foreach (var cell in plan.Distinct(defense).Select(cell => (int?)cell).Append(null))
            {
                var total = plan.Blocks.Count * (cell is null ? 1 : plan.Strengths);
                var seen = _times.TryGetValue((defense, cell), out var time);
                left += (total - time.Count) * (seen ? time.Seconds / time.Count : MeanOfOthers(cell) ?? mean);
            }
        return TimeSpan.FromSeconds(left);
    }

    private double? MeanOfOthers(int? cell)
    {
        var others = _times.Where(time => time.Key.Cell == cell).Select(time => time.Value).ToArray();
        return others.Length == 0 ? null : others.Sum(time => time.Seconds) / others.Sum(time => time.Count);
    }

    private string Describe(int defense, int? cell, int strength, long block)
    {
        var (first, count) = plan.Block(block);
        var what = cell is { } c
            ? string.Create(CultureInfo.InvariantCulture, $"{plan.Evaluation.Attacks[c].FullName}, ε {plan.Evaluation.Strengths[strength]:G4}")
            : "without attack";
        return $"{plan.Evaluation.Defenses[defense].Name}: {what}, images {first}–{first + count - 1}";
    }
}
