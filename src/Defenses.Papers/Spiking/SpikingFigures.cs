using Defenses.Pages;
using Defenses.Metrics;
using static Defenses.Papers.SpikingResults;

namespace Defenses.Papers;

/// <summary>The figures of the page.</summary>
internal sealed class SpikingFigures(SpikingSizes sizes)
{
    /// <summary>A small figure for each scheme, beside the first one: the intervals of few examples are wide, and all schemes in one figure hide each
    /// other.</summary>
    internal IEnumerable<CurveFigure> Transfer(IReadOnlyList<TransferCase> sent)
    {
        var first = Series(sent, sizes.Schemes[0], 0);
        return sizes.Schemes.Skip(1).Select((scheme, number) => new CurveFigure($"Transfer over L2 distance: {scheme} beside {sizes.Schemes[0]} (grey)",
            new FigureAxis("L2 distance, middle of the bucket") { Low = 0, High = Farthest }, FigureAxis.Rate("target reached"),
            [first, Series(sent, scheme, 1 + number)]) { IsSmall = true });
    }

    private double Farthest => sizes.Edges[^2] + 1;

    private FigureSeries Series(IReadOnlyList<TransferCase> sent, string scheme, int color) => new(scheme,
        [.. Transferability.ByDistance(SpikingTables.Of(sent, scheme, scheme), sizes.Edges).Where(each => each.Success is not null)
            .Select(each => FigurePoint.At((each.From + Math.Min(each.To, Farthest)) / 2, each.Success!))]) { Color = color };

    internal static HeatMapFigure Resilience(ResilienceMatrix matrix) => new("Resilience, crafted on × tested on", matrix.Crafted, matrix.Tested,
        [.. matrix.Crafted.Select(crafted =>
            (IReadOnlyList<double?>)[.. matrix.Tested.Select(tested => matrix.Resilience(crafted, tested)?.Rate)])]) { RowTitle = "made on",
            ColumnTitle = "tested on" };

    internal static CurveFigure Stability(string title, string axis, IReadOnlyList<StabilityCurve> curves) =>
        new(title, new FigureAxis(axis), FigureAxis.Rate("predictions unchanged"),
        [.. curves.Select(curve => new FigureSeries(curve.Name,
            [.. curve.Strengths.Zip(curve.Points, (strength, point) => FigurePoint.At(strength, point.Unchanged))]))]);
}
