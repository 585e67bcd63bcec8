using System.Globalization;
using System.Text;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>The rates of a report as a table with a row for each rate: report.csv.</summary>
internal sealed class EvaluationCsv(EvaluationReport report)
{
    private readonly StringBuilder _text = new("defense,epsilon,attack,view,measure,rate,lower,upper,images\n");

    internal string Write()
    {
        foreach (var defense in report.Defenses)
        {
            Rates(defense.Name, 0, "none", "", "accuracy", defense.Accuracy, "all");
            Rates(defense.Name, 0, "none", "", "errors", defense.Unprovoked, "at least one");
            Tries(defense.Name, 0, "none", "errors", defense.Tries);
            foreach (var strength in defense.Strengths)
            {
                Outcome(defense.Name, strength.Epsilon, "worst", "", strength.Worst);
                Tries(defense.Name, strength.Epsilon, "worst", "success", strength.Tries);
                foreach (var cell in strength.Cells) Outcome(defense.Name, strength.Epsilon, cell.Attack, cell.View, cell.Outcome);
            }
        }
        return _text.ToString();
    }

    private void Outcome(string defense, double epsilon, string attack, string view, Outcome outcome)
    {
        Rates(defense, epsilon, attack, view, "accuracy", outcome.Accuracy, "all");
        Rates(defense, epsilon, attack, view, "success", outcome.Success, "at least one");
        foreach (var point in outcome.SuccessByPasses) Row(defense, epsilon, attack, view, $"success within {point.Passes} passes", point.Success);
        Rates(defense, epsilon, attack, view, "success on all images", outcome.AllImages, "at least one");
    }

    private void Rates(string defense, double epsilon, string attack, string view, string measure, DrawRates? rates, string worst)
    {
        if (rates is null) return;
        Row(defense, epsilon, attack, view, $"{measure} in one answer", rates.MeanDraw);
        Row(defense, epsilon, attack, view, $"{measure} by majority", rates.Majority);
        Row(defense, epsilon, attack, view, $"{measure} in {worst} of {report.Settings.Draws} answers", rates.WorstOfK);
    }

    private void Tries(string defense, double epsilon, string attack, string measure, TriesResult? tries)
    {
        foreach (var point in tries?.Points ?? [])
        {
            if (point.Success is { } success) Row(defense, epsilon, attack, "", $"{measure} within {point.Tries} tries", success);
            Row(defense, epsilon, attack, "", $"accuracy in all of {point.Tries} tries", point.Accuracy);
        }
    }

    private void Row(string defense, double epsilon, string attack, string view, string measure, Proportion rate) => _text.Append(
        CultureInfo.InvariantCulture,
        $"{Quoted(defense)},{epsilon},{Quoted(attack)},{Quoted(view)},{Quoted(measure)},{rate.Rate},{rate.Lower},{rate.Upper},{rate.Trials}\n");

    // Source: RFC 4180.
    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
