using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>The figures of a report's page.</summary>
internal sealed class EvaluationFigures(EvaluationReport report)
{
    // With more, the bands would hide each other; each defense has its own figure.
    private const int MostBands = 3, MostCurves = 6;
    private readonly ReportSettings _settings = report.Settings;
    private readonly ThreatRates _rates = new(report.Settings);

    /// <summary>Accuracy under the worst attack against ε, from no attack to the largest strength, one curve for each defense.</summary>
    /// <remarks>Of many defenses the first one and those that are right most often at the headline budget.</remarks>
    internal CurveFigure Together()
    {
        var numbers = Enumerable.Range(0, report.Defenses.Count);
        var isWhole = report.Defenses.Count <= MostCurves;
        int[] shown = [.. isWhole ? numbers
            : numbers.Skip(1).OrderByDescending(number => _rates.Right(At(report.Defenses[number])).Rate).Take(MostCurves - 1).Prepend(0).Order()];
        var series = shown.Select(number => Curve(report.Defenses[number], hasRanges: shown.Length <= MostBands) with { Color = number % Markers.Colors });
        return new CurveFigure(
            $"Accuracy of {(isWhole ? "all" : "the best")} defenses under the worst attack", Budgets(), Accuracy, [.. series])
        {
            Note = isWhole ? null : $"Of {report.Defenses.Count}: “{report.Defenses[0].Name}”, and the {MostCurves - 1} that are right most often at "
                + $"ε = {ReportFormat.Epsilon(_settings.Headline, _settings)}.",
        };
    }

    /// <summary>The same for one defense, beside the first.</summary>
    internal CurveFigure Alone(DefenseResult defense, int number)
    {
        var first = Curve(report.Defenses[0], hasRanges: false) with { Color = 0, IsReference = true };
        var own = Curve(defense, hasRanges: true) with { Color = number % Markers.Colors };
        var note = defense.IsRandom || number == 0 ? "" : " (deterministic)";
        return new CurveFigure(defense.Name + note, Budgets(), Accuracy, number == 0 ? [own] : [first, own]) { IsSmall = true };
    }

    /// <summary>The gain of each defense against its cost, with lines of equal efficiency; null if no defense has a score.</summary>
    internal ScatterFigure? GainOverLoss()
    {
        var points = report.Defenses.Select((defense, number) => (Defense: defense, Number: number, Score: At(defense).Worst.Efficiency))
            .Where(point => point.Score is not null)
            .Select(point => new FigureSeries(point.Defense.Name,
            [
                new(point.Score!.AccuracyLoss.Value, point.Score.RateGain.Value)
                {
                    XRange = point.Score.AccuracyLoss.Interval, YRange = point.Score.RateGain.Interval,
                    Label = $"{point.Defense.Name}, DES {Score(point.Score)}",
                },
            ]) { Color = point.Number % Markers.Colors }).ToArray();
        return points.Length == 0 ? null : new ScatterFigure(
            $"Gain against cost at ε = {ReportFormat.Epsilon(_settings.Headline, _settings)}",
            new("accuracy lost without attack, Δt (points)", NumberUnit.Points),
            new("defense rate gained, Δd (points)", NumberUnit.Points), points)
        {
            HasZeroLines = true, Lines = [.. new[] { 1, 3, 10, 30, 100 }.Select(score => new FigureLine($"DES {score}", score, score * _settings.Eta))],
        };
    }

    /// <summary>Success of each attack and view on a defense against ε; null where the defense recognises nothing.</summary>
    internal CurveFigure? Attacks(DefenseResult defense)
    {
        // A view that repeats another view, as on a deterministic network, has the same curve.
        var series = Enumerable.Range(0, _settings.Attacks.Count).Where(cell => defense.Strengths[0].Cells[cell].SameAs is null)
            .Select(cell => new FigureSeries(
                Name(_settings.Attacks[cell]), [.. defense.Strengths.Select(strength => Success(strength, cell)).OfType<FigurePoint>()]))
            .Where(one => one.Points.Count > 0).ToArray();
        return series.Length == 0 ? null
            : new CurveFigure($"Answers of “{defense.Name}” that each attack turns wrong", Budgets(), FigureAxis.Rate("attack success"), series);
    }

    private FigureAxis Accuracy => FigureAxis.Rate($"accuracy under attack{_rates.InAllTries}");

    private FigurePoint? Success(StrengthResult strength, int cell) =>
        strength.Cells[cell].Outcome.DefenseRate is { } rate ? FigurePoint.At(ReportFormat.Place(strength.Epsilon, _settings), rate.Complement()) : null;

    private FigureSeries Curve(DefenseResult defense, bool hasRanges)
    {
        var rates = defense.Strengths.Select(strength => (strength.Epsilon, Rate: _rates.Right(strength))).Prepend((0, _rates.Right(defense)));
        var points = rates.Select(each => FigurePoint.At(ReportFormat.Place(each.Epsilon, _settings), each.Rate) with
        {
            Label = $"{defense.Name}, ε {ReportFormat.Epsilon(each.Epsilon, _settings)}",
        });
        return new FigureSeries(defense.Name, [.. points.Select(point => hasRanges ? point : point with { YRange = null })]);
    }

    // Ticks that would run into each other are left out.
    private FigureAxis Budgets()
    {
        var (strengths, largest) = (_settings.Strengths, _settings.Strengths[^1]);
        var ticks = strengths.Where((epsilon, i) => i == 0 || epsilon - strengths[i - 1] > largest / 9).Prepend(0);
        return new FigureAxis(ReportFormat.AxisTitle(_settings))
        {
            Low = 0, High = 1.05 * ReportFormat.Place(largest, _settings), Ticks = [.. ticks.Select(epsilon => ReportFormat.Place(epsilon, _settings))],
        };
    }

    private StrengthResult At(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == _settings.Headline);

    private static string Score(Metrics.EfficiencyScore score) => EvaluationTables.Score(score) is var cell
        ? $"{cell.ValueText} {cell.RangeText}".TrimEnd() : "";

    private static string Name(AttackSettings attack) => attack.View == AttackerView.Plain.Name ? attack.Attack : $"{attack.Attack}, {attack.View}";
}
