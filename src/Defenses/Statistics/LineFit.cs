namespace Defenses.Statistics;

/// <summary>A line through points, y = Intercept + Slope·x.</summary>
/// <param name="Slope">Change of y for a change of x by one, with its interval.</param>
/// <param name="Intercept">y at x = 0, with its interval.</param>
/// <param name="Explained">R²: the share of the variance of y that the line explains, 0 to 1; 1 where y does not vary.</param>
/// <param name="Points">The number of points.</param>
public sealed record LineFit(Estimate Slope, Estimate Intercept, double Explained, int Points)
{
    /// <summary>y of the line at x.</summary>
    public double At(double x) => Intercept.Value + Slope.Value * x;
}
