using System.Globalization;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>What an attacker gains who may try again, as a section of a report's page.</summary>
internal static class TriesSection
{
    /// <summary>The section; null where no defense draws, or a single draw says nothing about more tries.</summary>
    internal static PageSection? Of(EvaluationReport report)
    {
        var settings = report.Settings;
        var shown = report.Defenses.Select((defense, number) => (Defense: defense, Number: number, At: At(defense, settings)))
            .Where(each => each.Defense.IsRandom && each.At.Tries?.Spent is not null && each.Defense.Tries?.Spent is not null).ToArray();
        if (shown.Length == 0 || settings.Draws < 2) return null;
        var isWhole = shown.Length == report.Defenses.Count;
        return new PageSection("What it is worth to try again")
        {
            Text =
            [
                $"The worst attack at ε = {ReportFormat.Epsilon(settings.Headline, settings)}. An attacker shows the same attacked image again, and the model "
                    + "draws afresh: one success is enough. Counted are the images that a defense recognises."
                    + (isWhole ? "" : " A defense that does not draw gives the same answer at every try, and is not shown."),
                "The dashed line is the same without an attack: a model that errs at random errs on a clean image, too, when it is asked often. What the "
                    + "attack adds is the distance between the two lines.",
            ],
            Figures = [.. shown.Select(each => Figure(each.Defense, each.Number, each.At, settings))],
            Details = [new PageSection("The numbers") { Tables = [Table(shown, settings)] }],
        };
    }

    private static CurveFigure Figure(DefenseResult defense, int number, StrengthResult at, ReportSettings settings)
    {
        IReadOnlyList<FigurePoint> Points(TriesResult result, string label) =>
            [.. result.Points.Where(point => point.Success is not null).Select(point => FigurePoint.At(point.Tries, point.Success!) with { Label = label })];
        var ticks = TriesCurve.Shown(settings.Draws, settings.Attacker.Tries).Where(tries => IsPower(tries) || tries == settings.Draws).ToArray();
        var axis = new FigureAxis("tries") { IsLogarithmic = true, Low = 1, High = settings.Draws, Ticks = [.. Apart(ticks).Select(tries => (double)tries)] };
        var without = new FigureSeries("without attack", Points(defense.Tries!, "without attack")) { Color = 0, IsReference = true };
        var own = new FigureSeries(defense.Name, Points(at.Tries!, defense.Name)) { Color = number % Markers.Colors };
        return new CurveFigure(defense.Name, axis, FigureAxis.Rate("images answered wrongly at least once"), [without, own]) { IsSmall = true };
    }

    private static PageTable Table(IReadOnlyList<(DefenseResult Defense, int Number, StrengthResult At)> shown, ReportSettings settings)
    {
        // The figures have all points.
        int[] tries = [.. shown[0].At.Tries!.Points.Select(point => point.Tries)
            .Where(number => IsPower(number) || number == settings.Attacker.Tries || number == settings.Draws)];
        int[] ends = [.. new[] { settings.Attacker.Tries, settings.Draws }.Distinct()];
        PageCell[] Cells(TriesResult result) =>
        [
            .. tries.Select(number => PageCell.Of(result.At(number)?.Success)),
            .. ends.Select(number => PageCell.Of(result.At(number)?.Added, unit: NumberUnit.Points)),
            PageCell.Of(result.Spent), PageCell.Of(result.Half is { } half ? Whole(half) : $"> {Whole(settings.Draws)}"),
        ];
        return new PageTable(
            "Images answered wrongly within so many tries", "Defense",
            [.. tries.Select(Whole), .. ends.Select(number => $"in {Whole(number)}"), "tries spent", "tries for half"],
            [.. shown.SelectMany(each => new[]
            {
                new PageRow(each.Defense.Name, Cells(each.At.Tries!)) { Color = each.Number },
                new PageRow($"{each.Defense.Name}, no attack", Cells(each.Defense.Tries!)),
            })])
        {
            Groups = [.. tries.Select(_ => "wrong at least once within"), .. ends.Select(_ => "the attack adds"), null, null],
            ColumnNotes = [.. Enumerable.Repeat("", tries.Length + ends.Length), $"of at most {Whole(settings.Draws)}", "of the images"],
            Note = $"Tries spent: by an attacker who stops at the first success or after {Whole(settings.Draws)} tries. An image that held every time counts "
                + $"with {Whole(settings.Draws)}; how many more it needs is not known.",
        };
    }

    // Ticks that would run into each other are left out; the last one stays.
    private static IEnumerable<int> Apart(int[] ticks) => ticks.Where(tick => tick == ticks[^1] || ticks[^1] >= 3L * tick);

    private static bool IsPower(int number)
    {
        while (number % 10 == 0) number /= 10;
        return number == 1;
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static StrengthResult At(DefenseResult defense, ReportSettings settings) =>
        defense.Strengths.Single(strength => strength.Epsilon == settings.Headline);
}
