using System.Collections;
using System.Text;

namespace Defenses.Attacks;

/// <summary>The attacks that an honest evaluation of a model must run, and notes on the rest. Prints as a table.</summary>
public sealed class AttackPlan : IReadOnlyList<PlannedAttack>
{
    private readonly IReadOnlyList<PlannedAttack> _attacks;

    internal AttackPlan(IEnumerable<PlannedAttack> attacks, IEnumerable<string> notes)
    {
        _attacks = [.. attacks.GroupBy(attack => (attack.Name, attack.View, attack.GoalName)).Select(same =>
            same.First().WithReason(string.Join("; ", same.Select(attack => attack.Reason).Distinct())))];
        Notes = [.. notes];
    }

    /// <summary>What else an honest evaluation needs, and which attacks are missing because an input of the plan is missing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The number of attacks.</summary>
    public int Count => _attacks.Count;

    /// <summary>The attack of a number from 0.</summary>
    public PlannedAttack this[int index] => _attacks[index];

    /// <inheritdoc/>
    public IEnumerator<PlannedAttack> GetEnumerator() => _attacks.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The plan as a table: attack, view, goal, and why; the notes below it.</summary>
    public override string ToString()
    {
        string[][] rows =
        [
            ["attack", "view", "goal", "why"], .. _attacks.Select(attack => new[] { attack.Name, attack.View.Name, attack.GoalName, attack.Reason }),
        ];
        var widths = Enumerable.Range(0, 3).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append(string.Concat(widths.Select((width, column) => row[column].PadRight(width + 2)))).Append(row[3]).Append('\n');
        foreach (var note in Notes) text.Append("- ").Append(note).Append('\n');
        return text.ToString();
    }
}
