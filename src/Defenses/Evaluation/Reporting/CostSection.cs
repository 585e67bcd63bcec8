using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>What a success costs the attacker, and what a defense costs its user, as a section of a report's page.</summary>
internal sealed class CostSection(EvaluationReport report, HeadlineSummary summary)
{
    private readonly ReportSettings _settings = report.Settings;

    /// <summary>The section; null in a report without passes.</summary>
    internal PageSection? Make()
    {
        DefenseResult[] shown = [.. new[] { summary.Base, summary.Best }.OfType<DefenseResult>().Where(defense => Points(defense).Any())];
        if (shown.Length == 0) return null;
        var axis = Axis([.. shown.SelectMany(Points).Select(point => Math.Max(1, point.Passes))]);
        return new PageSection("What a success costs")
        {
            Text =
            [
                $"Success of each attack at ε = {ReportFormat.Epsilon(_settings.Headline, _settings)}, against the forward and backward passes that it "
                    + "spends on an image. Each draw of a mean over draws (EOT) is a pass. An image counts when the attack ends on it: an attack that does "
                    + "not stop at its first success counts with all of its passes.",
            ],
            Figures = [.. shown.Select(defense => Figure(defense, axis)), .. Own() is { } own ? new[] { own } : []],
            Details = [new PageSection("The numbers") { Tables = [Table(shown)] }],
        };
    }

    // One axis for all figures, so that they can be compared; few ticks on a long one.
    private static FigureAxis Axis(long[] passes)
    {
        const double Margin = 1.3;
        var (low, high) = (passes.Min() / Margin, Math.Min(passes.Max() * Margin, int.MaxValue));
        var ticks = TriesCurve.Shown((int)high, 1).Where(tick => tick >= low && tick != (int)high);
        if (high > 500 * low) ticks = ticks.Where(tick => $"{tick}"[0] == '1');
        return new FigureAxis("passes for each image") { IsLogarithmic = true, Low = low, High = high, Ticks = [.. ticks.Select(tick => (double)tick)] };
    }

    private ScatterFigure Figure(DefenseResult defense, FigureAxis axis) =>
        new($"Attacks on “{defense.Name}”", axis, FigureAxis.Rate("attack success"),
            [
                .. Cells(defense).Select(each => new FigureSeries(Name(each.Cell), [.. each.Cell.Outcome.SuccessByPasses.Select(Point)])
                {
                    Color = each.Number % Markers.Colors,
                    Fit = each.Cell.Outcome.SuccessByPasses.Count > 1 ? [.. each.Cell.Outcome.SuccessByPasses.Select(Point)] : null,
                }),
            ]);

    // The gain of each defense against the time of its answers.
    private ScatterFigure? Own()
    {
        var points = report.Defenses
            .Select((defense, number) => (Defense: defense, Number: number, Cost: Cost(defense), Gain: At(defense).Worst.Efficiency?.RateGain))
            .Where(each => each is { Cost: not null, Gain: not null }).ToArray();
        return points.Length == 0 ? null : new ScatterFigure(
            "Gain of each defense against its own cost", new FigureAxis($"time of an answer, as a multiple of “{report.Defenses[0].Name}”"),
            new FigureAxis("defense rate gained, Δd (points)", NumberUnit.Points),
            [
                .. points.Select(each => new FigureSeries(each.Defense.Name, [FigurePoint.At(each.Cost!.Value, each.Gain!)])
                {
                    Color = each.Number % Markers.Colors,
                }),
            ]);
    }

    private PageTable Table(IReadOnlyList<DefenseResult> shown)
    {
        var attacks = Enumerable.Range(0, _settings.Attacks.Count).Where(number => shown.Any(defense => Distinct(defense, number))).ToArray();
        PageCell[] Cells(DefenseResult defense, int number)
        {
            var outcome = At(defense).Cells[number].Outcome;
            return Distinct(defense, number)
                ? [Passes(outcome.ForwardPasses), Passes(outcome.BackwardPasses), PageCell.Of(outcome.Success?.MeanDraw)]
                : [PageCell.Of(NumberFormat.None), PageCell.Of(NumberFormat.None), PageCell.Of($"as {At(defense).Cells[number].SameAs}")];
        }
        return new PageTable(
            "Passes for each image, and success", "Attack", [.. shown.SelectMany(_ => new[] { "forward", "backward", "success" })],
            [
                .. attacks.Select(number =>
                    new PageRow(Name(At(shown[0]).Cells[number]), [.. shown.SelectMany(defense => Cells(defense, number))]) { Color = number }),
            ])
        {
            Groups = [.. shown.SelectMany(defense => Enumerable.Repeat(defense.Name, 3))],
        };
    }

    private bool Distinct(DefenseResult defense, int number) => At(defense).Cells[number].SameAs is null;

    private IEnumerable<(CellResult Cell, int Number)> Cells(DefenseResult defense) =>
        At(defense).Cells.Select((cell, number) => (cell, number)).Where(each => each.cell.SameAs is null && each.cell.Outcome.SuccessByPasses.Count > 0);

    private IEnumerable<PassPoint> Points(DefenseResult defense) => Cells(defense).SelectMany(each => each.Cell.Outcome.SuccessByPasses)
        .Where(point => point.Passes > 0);

    // An attack without a pass stands at the left end of a logarithmic axis.
    private static FigurePoint Point(PassPoint point) => FigurePoint.At(Math.Max(1, point.Passes), point.Success);

    private double? Cost(DefenseResult defense) => defense.Cost ?? report.Timing?.Forward.FirstOrDefault(cost => cost.Defense == defense.Name)?.Ratio;

    private static PageCell Passes(double passes) => PageCell.Of(passes, unit: NumberUnit.Number);

    private static string Name(CellResult cell) => cell.View == Models.AttackerView.Plain.Name ? cell.Attack : $"{cell.Attack}, {cell.View}";

    private StrengthResult At(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == _settings.Headline);
}
