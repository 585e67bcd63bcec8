namespace Defenses.Retrofit;

/// <summary>The search itself: both ends, then halving between the strongest setting that passed and the weakest that failed.</summary>
/// <param name="search">The range, the budget and the number of steps.</param>
/// <param name="measure">Sets a strength and measures it.</param>
internal sealed class StrengthBisection(StrengthSearch search, Func<double, StrengthPoint> measure)
{
    private readonly List<StrengthPoint> _points = [];

    internal StrengthCurve Run()
    {
        var strength = Find();
        var ordered = search.Weakest < search.Strongest ? _points.OrderBy(point => point.Strength) : _points.OrderByDescending(point => point.Strength);
        return new StrengthCurve(strength, double.NaN, [.. ordered]);
    }

    private double? Find()
    {
        if (Passes(search.Strongest)) return search.Strongest;
        if (!Passes(search.Weakest)) return null;
        var (passed, failed) = (search.Weakest, search.Strongest);
        for (var step = 0; step < search.Steps; step++)
        {
            var middle = (passed + failed) / 2;
            if (Passes(middle)) passed = middle;
            else failed = middle;
        }
        return passed;
    }

    private bool Passes(double strength)
    {
        var point = measure(strength);
        _points.Add(point);
        return point.DropBound <= search.MaxDrop;
    }
}
