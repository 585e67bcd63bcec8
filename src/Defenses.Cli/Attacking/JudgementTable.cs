using Defenses.Evaluation;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary>Right answers without and under an attack, as one answer, as a vote, and in every draw.</summary>
internal static class JudgementTable
{
    internal static void Show(string title, Judgement clean, Judgement attacked)
    {
        var table = new Table().RoundedBorder().Title(Markup.Escape(title));
        foreach (var column in new[] { "right answers", "one answer", "majority", "in every draw" }) table.AddColumn(column);
        foreach (var (name, rates) in new[] { ("without attack", clean.Accuracy), ("under attack", attacked.Accuracy) })
            table.AddRow(name, Markup.Escape($"{rates.MeanDraw}"), Markup.Escape($"{rates.Majority}"), Markup.Escape($"{rates.WorstOfK}"));
        AnsiConsole.Write(table);
    }
}
