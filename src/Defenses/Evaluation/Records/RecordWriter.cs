using Defenses.Evaluation.Work;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Writes a record of each defense of an evaluation, block by block, so that memory does not grow with the number of images.</summary>
internal sealed class RecordWriter : IDisposable
{
    private readonly EvaluationPlan _plan;
    private readonly IReadOnlyList<RecordInTheMaking> _records;

    /// <exception cref="InvalidOperationException">An attack has a goal of its own, or the norm is a custom one.</exception>
    /// <exception cref="IOException">A folder cannot be written to, or holds something else.</exception>
    internal RecordWriter(EvaluationPlan plan, string folder)
    {
        RequireRecordable(plan.Evaluation);
        _plan = plan;
        var names = Names(plan.Evaluation.Defenses.Select(defense => defense.Name)).ToArray();
        _records = [.. names.Select((name, defense) => new RecordInTheMaking(plan, defense, Path.Combine(folder, name)))];
    }

    internal void Add(long block, BlockRecord piece)
    {
        using var scope = NewDisposeScope();
        var (first, count) = _plan.Block(block);
        var (images, labels) = _plan.Examples.Read(first, count);
        foreach (var (defense, record) in _records.Index()) record.Add(images, labels, piece.Clean[defense], piece.Attacked[defense]);
    }

    internal void Finish()
    {
        foreach (var record in _records) record.Finish();
    }

    public void Dispose()
    {
        foreach (var record in _records) record.Dispose();
    }

    /// <summary>Throws before any work where a record could not be judged again.</summary>
    internal static void RequireRecordable(EvaluationGrid evaluation)
    {
        if (evaluation.Attacks.FirstOrDefault(attack => attack.Goal is not null || attack.GoalName != AttackEntry.UsualGoal) is { } other)
            throw new InvalidOperationException(
                $"A record keeps attacks that avoid the label; '{other.FullName}' has the goal '{other.GoalName}'. Leave it out, or set no RecordFolder.");
        if (evaluation.Threat.KnowsDraw)
            throw new InvalidOperationException(
                "A record is judged on draws that the attacker does not know; the threat model says that they are known. Set no RecordFolder.");
        if (RecordedNorm.Find($"{evaluation.Norm}") is null)
            throw new InvalidOperationException($"A record needs a norm of the library; this is {evaluation.Norm}. Set no RecordFolder.");
    }

    /// <summary>"hrs-5-5" of "HRS 5×5"; names that become equal get numbers.</summary>
    internal static IEnumerable<string> Names(IEnumerable<string> names)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var plain = string.Join('-', string.Concat(name.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : ' '))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries));
            if (plain.Length == 0) plain = "model";
            var (free, number) = (plain, 2);
            while (!used.Add(free)) free = $"{plain}-{number++}";
            yield return free;
        }
    }
}
