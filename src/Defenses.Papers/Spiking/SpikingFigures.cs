using Defenses.Pages;
using Defenses.Metrics;
using static Defenses.Papers.SpikingResults;

namespace Defenses.Papers;

/// <summary>The figures of the page.</summary>
internal sealed class SpikingFigures(SpikingSizes sizes)
{
    internal CurveFigure Transfer(IReadOnlyList<TransferCase> sent) =>
        new("Transfer over L2 distance", new FigureAxis("L2 distance, middle of the bucket") { Low = 0, High = sizes.Edges[^2] + 1 },
        FigureAxis.Rate("target reached"),
    [
        .. sizes.Schemes.Select(scheme => new FigureSeries(scheme,
            [.. Transferability.ByDistance(SpikingTables.Of(sent, scheme, scheme), sizes.Edges).Where(each => each.Success is not null)
                .Select(each => FigurePoint.At((each.From + Math.Min(each.To, sizes.Edges[^2] + 1)) / 2, each.Success!))])),
    ]) { Note = "Examples sent after validation, tried on the validation model left out." };

    internal static HeatMapFigure Resilience(ResilienceMatrix matrix) => new("Resilience, crafted on × tested on", matrix.Crafted, matrix.Tested,
        [.. matrix.Crafted.Select(crafted =>
            (IReadOnlyList<double?>)[.. matrix.Tested.Select(tested => matrix.Resilience(crafted, tested)?.Rate)])]) { RowTitle = "made on",
            ColumnTitle = "tested on" };

    internal static CurveFigure Stability(string title, string axis, IReadOnlyList<StabilityCurve> curves) =>
        new(title, new FigureAxis(axis), FigureAxis.Rate("predictions unchanged"),
        [.. curves.Select(curve => new FigureSeries(curve.Name,
            [.. curve.Strengths.Zip(curve.Points, (strength, point) => FigurePoint.At(strength, point.Unchanged))]))]);
}
