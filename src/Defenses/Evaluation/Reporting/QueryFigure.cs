using Defenses.Attacks;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>Success against queries as a figure: a curve for each attack, with the bands of its exact intervals.</summary>
public static class QueryFigure
{
    /// <summary>The figure; its horizontal axis is logarithmic.</summary>
    /// <param name="title">The title.</param>
    /// <param name="curves">The names in the legend, and the curves; at least one.</param>
    /// <param name="epsilon">The largest size that counts as a success; by default any.</param>
    /// <param name="queries">The numbers of queries, 1 or above; by default (null) <see cref="QueryCurve.Budgets"/>.</param>
    /// <exception cref="ArgumentException">There is no curve, or no number of queries.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of queries is below 1.</exception>
    public static CurveFigure Make(
        string title, IReadOnlyList<(string Name, QueryCurve Curve)> curves, double epsilon = double.PositiveInfinity, IReadOnlyList<long>? queries = null)
    {
        long[] budgets = [.. Require.NotEmpty(queries ?? QueryCurve.Budgets, nameof(queries))];
        foreach (var budget in budgets)
            if (budget < 1) throw new ArgumentOutOfRangeException(nameof(queries), budget, $"queries must be 1 or above; one is {budget}.");
        var series = Require.NotEmpty(curves, nameof(curves)).Select(
            one => new FigureSeries(one.Name, [.. budgets.Select(budget => FigurePoint.At(budget, one.Curve.At(budget, epsilon).Success))]));
        return new CurveFigure(
            title, new FigureAxis("queries for each image") { IsLogarithmic = true }, FigureAxis.Rate("images with an adversarial example"), [.. series]);
    }
}
