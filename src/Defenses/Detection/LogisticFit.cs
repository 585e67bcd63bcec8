using MathNet.Numerics.LinearAlgebra;

namespace Defenses.Detection;

/// <summary>Newton's method for a logistic regression, with halved steps where a whole one does not help.</summary>
internal sealed class LogisticFit
{
    private const int MostSteps = 100;
    private const double Rounding = 1e-12;   // of the loss, which close to the minimum cannot tell a step that helps
    private readonly Matrix<double> _columns;   // 1, then the numbers
    private readonly Vector<double> _targets, _penalty;

    internal LogisticFit(Matrix<double> numbers, Vector<double> targets, double penalty)
    {
        _columns = numbers.InsertColumn(0, Vector<double>.Build.Dense(numbers.RowCount, 1));
        _targets = targets;
        _penalty = Vector<double>.Build.Dense(_columns.ColumnCount, column => column == 0 ? 0 : penalty);
    }

    /// <summary>Intercept and weights.</summary>
    /// <exception cref="InvalidOperationException">There is no finite best fit.</exception>
    internal Vector<double> Solve()
    {
        var weights = Vector<double>.Build.Dense(_columns.ColumnCount);
        for (var step = 0; step < MostSteps; step++)
        {
            var odds = _columns * weights;
            var chances = odds.Map(Logistic);
            var gradient = _columns.TransposeThisAndMultiply(chances - _targets) + _penalty.PointwiseMultiply(weights);
            if (_penalty.Sum() == 0 && odds.Zip(_targets, (odd, target) => target == 1 ? odd > 0 : odd < 0).All(told => told)) throw NoFit();
            if (gradient.InfinityNorm() <= 1e-9 * _columns.RowCount) return weights;
            var spread = chances.Map(chance => chance * (1 - chance));
            var curvature = _columns.TransposeThisAndMultiply(Matrix<double>.Build.Dense(_columns.RowCount, _columns.ColumnCount, (i, j) => spread[i] * _columns[i, j]));
            curvature.SetDiagonal(curvature.Diagonal() + _penalty);
            weights = Descend(weights, Direction(curvature, gradient));
        }
        throw NoFit();
    }

    private static Vector<double> Direction(Matrix<double> curvature, Vector<double> gradient)
    {
        try { return curvature.Cholesky().Solve(gradient); }
        catch (ArgumentException) { throw NoFit(); }   // not positive definite
    }

    private Vector<double> Descend(Vector<double> weights, Vector<double> direction)
    {
        var before = Loss(weights);
        for (var length = 1.0; length > 1e-10; length /= 2)
        {
            var next = weights - length * direction;
            if (Loss(next) <= before * (1 + Rounding)) return next;
        }
        return weights;
    }

    private double Loss(Vector<double> weights)
    {
        var odds = _columns * weights;
        var misfit = odds.Zip(_targets, (odd, target) => Math.Max(odd, 0) - odd * target + Math.Log(1 + Math.Exp(-Math.Abs(odd)))).Sum();
        return misfit + _penalty.PointwiseMultiply(weights).DotProduct(weights) / 2;
    }

    private static double Logistic(double odds) => 1 / (1 + Math.Exp(-odds));

    private static InvalidOperationException NoFit() => new(
        "The logistic regression has no finite best fit: clean and attacked can be told apart without error, or some of the numbers follow from others. " +
        "Give a penalty above 0.");
}
