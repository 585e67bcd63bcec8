using Defenses.Metrics;
using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>The figures of a norm.</summary>
internal static class OptimalityFigures
{
    private const int Points = 60, Curves = 4, Colors = 16;

    /// <summary>Global optimality over passes, a curve for each attack.</summary>
    internal static CurveFigure OverPasses(NormOptimality norm) => new($"Optimality over passes in {OptimalityPage.Symbol(norm.Name)}",
        new FigureAxis("passes of an image") { IsLogarithmic = true }, new FigureAxis("global optimality") { High = 1 },
    [
        .. norm.Strongest.Where(row => !row.IsReference).Select((strongest, number) => new FigureSeries(strongest.Attack,
            [.. norm.Rows.Where(row => row.Attack == strongest.Attack && !row.IsReference && row.Global is not null).OrderBy(row => row.Passes)
                .Select(row => new FigurePoint(Math.Max(1, row.Passes!.Value), row.Global!.Value) { Label = Label(row) })]) { Color = number % Colors }),
    ]) { Note = "Each attack with fewer and with more steps, where it has steps. Each draw of a random model is a pass." };

    /// <summary>Robust accuracy over ε: the envelope, and the attacks nearest to it.</summary>
    internal static CurveFigure Robustness(NormOptimality norm, MeasuredModel model)
    {
        var envelope = norm.Envelopes[model.Name];
        var most = envelope.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var nearest = norm.Strongest.Where(row => row.Changes.ContainsKey(model.Name)).Take(Curves);
        return new CurveFigure($"Robust accuracy over ε in {OptimalityPage.Symbol(norm.Name)}: {model.Name}",
            new FigureAxis($"ε in {OptimalityPage.Symbol(norm.Name)}") { Low = 0 }, FigureAxis.Rate("images not broken"),
        [
            new("the envelope", Curve(envelope, most)) { IsReference = true, Color = 0 },
            .. nearest.Select((row, number) => new FigureSeries(row.Attack, Curve(row.Changes[model.Name].Sizes, most)) { Color = number + 1 }),
        ]) { HasDots = false };
    }

    private static string Label(OptimalityRow row) => $"{row.Attack}, {TextFormat.Counted(row.Steps, "step", "steps")}";

    private static FigurePoint[] Curve(IReadOnlyList<double> sizes, double most) => most == 0 ? [] :
    [
        .. Enumerable.Range(0, Points + 1).Select(point => most * point / Points)
            .Select(epsilon => new FigurePoint(epsilon, Optimality.RobustAccuracy(sizes, epsilon).Rate)),
    ];
}
