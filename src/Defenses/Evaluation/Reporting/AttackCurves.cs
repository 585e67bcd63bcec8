using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>Attack success against ε, one curve for each attack and view on a defense.</summary>
internal sealed class AttackCurves(EvaluationReport report)
{
    /// <summary>The figure; null where the defense recognises nothing.</summary>
    internal CurveFigure? Of(DefenseResult defense)
    {
        var (title, scale) = ReportFormat.Axis(report.Settings) is var (name, _) && name.EndsWith("255ths", StringComparison.Ordinal) ? (name, 255.0) : ("budget ε", 1.0);
        var settings = report.Settings.Attacks;
        // What repeats another view, as on a network that does not draw, is that view's curve.
        var series = Enumerable.Range(0, settings.Count).Where(cell => defense.Strengths[0].Cells[cell].SameAs is null)
            .Select(cell => new FigureSeries(Name(settings[cell]), [.. from strength in defense.Strengths
                                                                       let rate = strength.Cells[cell].Outcome.DefenseRate
                                                                       where rate is not null
                                                                       select FigurePoint.At(strength.Epsilon * scale, rate.Complement())])).Where(one => one.Points.Count > 0).ToArray();
        return series.Length == 0 ? null : new CurveFigure($"Answers of “{defense.Name}” that each attack turns wrong", new FigureAxis(title) { Low = 0 }, FigureAxis.Rate("attack success"), series);
    }

    private static string Name(AttackSettings attack) => attack.View == AttackerView.Plain.Name ? attack.Attack : $"{attack.Attack}, {attack.View}";
}
