using System.Runtime.CompilerServices;

namespace Defenses.Zoo;

/// <summary>An elastic deformation: displacements drawn on 4×4 points over the image, smoothly interpolated between them.</summary>
internal readonly struct ElasticField
{
    private const int Points = 4;
    private readonly Grid _x;
    private readonly Grid _y;

    public ElasticField(ref SplitMix random, double amplitude)
    {
        for (var i = 0; i < Points * Points; i++)
        {
            _x[i] = amplitude * random.ApproximateNormal();
            _y[i] = amplitude * random.ApproximateNormal();
        }
    }

    /// <summary>The displaced point; a point outside the image moves like the nearest one on its border.</summary>
    public (double X, double Y) Move(double x, double y)
    {
        var (column, s) = Cell(x);
        var (row, t) = Cell(y);
        var at = (row * Points) + column;
        return (x + Blend(_x, at, s, t), y + Blend(_y, at, s, t));
    }

    private static double Blend(in Grid grid, int at, double s, double t)
    {
        var upper = grid[at] + (s * (grid[at + 1] - grid[at]));
        var lower = grid[at + Points] + (s * (grid[at + Points + 1] - grid[at + Points]));
        return upper + (t * (lower - upper));
    }

    private static (int Cell, double Weight) Cell(double position)
    {
        var scaled = Math.Clamp(position / (SyntheticDigits.Side - 1), 0, 1) * (Points - 1);
        var cell = Math.Min((int)scaled, Points - 2);
        var t = scaled - cell;
        return (cell, t * t * (3 - (2 * t)));
    }

    [InlineArray(Points * Points)]
    private struct Grid
    {
        private double _first;
    }
}
