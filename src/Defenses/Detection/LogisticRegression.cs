using MathNet.Numerics.LinearAlgebra;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Logistic regression: the log-odds that an input was attacked, b + w·x.</summary>
/// <remarks>
/// Fitted by Newton's method: minimizes Σ ln(1 + exp(∓(b + w·x))) + (λ/2)·|w·σ|², with the numbers standardized by their means
/// and deviations σ over both kinds, so that units have no effect. b has no penalty.
/// </remarks>
public sealed class LogisticRegression
{
    private readonly double[] _weights;

    private LogisticRegression(double[] weights, double intercept) => (_weights, Intercept) = (weights, intercept);

    /// <summary>w, for numbers in their original units.</summary>
    public IReadOnlyList<double> Weights => _weights;

    /// <summary>b.</summary>
    public double Intercept { get; }

    /// <summary>Fits the weights.</summary>
    /// <param name="clean">The numbers of clean inputs, (N, K), finite.</param>
    /// <param name="attacked">The numbers of attacked inputs, (M, K), finite.</param>
    /// <param name="penalty">λ, 0 or above; by default 1. At 0 the kinds must overlap.</param>
    /// <exception cref="ArgumentException">The numbers have a wrong shape, or are not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is negative or not finite.</exception>
    /// <exception cref="InvalidOperationException">Without a penalty there is no best fit: the kinds are separable without error, or
    /// numbers are linearly dependent.</exception>
    public static LogisticRegression Fit(Tensor clean, Tensor attacked, double penalty = 1)
    {
        Require.NotNegative(penalty, nameof(penalty));
        var (first, second) = (Rows(clean, nameof(clean)), Rows(attacked, nameof(attacked)));
        if (first.ColumnCount != second.ColumnCount)
            throw new ArgumentException($"attacked must have as many columns as clean, {first.ColumnCount}; it has {second.ColumnCount}.", nameof(attacked));
        var numbers = first.Stack(second);
        var means = numbers.ColumnSums() / numbers.RowCount;
        numbers = Matrix<double>.Build.Dense(numbers.RowCount, numbers.ColumnCount, (i, j) => numbers[i, j] - means[j]);
        var scales = (numbers.PointwisePower(2).ColumnSums() / numbers.RowCount).PointwiseSqrt().Map(scale => scale > 0 ? scale : 1);
        numbers = Matrix<double>.Build.Dense(numbers.RowCount, numbers.ColumnCount, (i, j) => numbers[i, j] / scales[j]);
        var targets = Vector<double>.Build.Dense(numbers.RowCount, i => i < first.RowCount ? 0 : 1);
        var fitted = new LogisticFit(numbers, targets, penalty).Solve();
        double[] weights = [.. fitted.Skip(1).Select((weight, j) => weight / scales[j])];
        return new LogisticRegression(weights, fitted[0] - weights.Zip(means, (weight, mean) => weight * mean).Sum());
    }

    /// <summary>b + w·x: (N, K) → (N,), above 0 if attacked is more probable. Differentiable.</summary>
    /// <exception cref="ArgumentException">The numbers have another shape.</exception>
    public Tensor LogOdds(Tensor numbers)
    {
        if (Require.Batch(numbers, nameof(numbers)).dim() != 2 || numbers.shape[1] != _weights.Length)
            throw new ArgumentException($"numbers must have shape (N, {_weights.Length}); they have {Require.Shape(numbers)}.", nameof(numbers));
        using var scope = NewDisposeScope();
        var weights = tensor(_weights, dtype: numbers.dtype, device: numbers.device);
        return ((numbers * weights).sum(1) + Intercept).MoveToOuterDisposeScope();
    }

    private static Matrix<double> Rows(Tensor numbers, string name)
    {
        if (Require.Batch(numbers, name).dim() != 2)
            throw new ArgumentException($"{name} must have shape (N, K); it has {Require.Shape(numbers)}.", name);
        using var scope = NewDisposeScope();
        var values = numbers.detach().to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
        if (!values.All(double.IsFinite)) throw new ArgumentException($"{name} must hold finite numbers.", name);
        return Matrix<double>.Build.DenseOfRowMajor((int)numbers.shape[0], (int)numbers.shape[1], values);
    }
}

/// <summary>Newton's method for a logistic regression, with the step halved while it does not lower the loss.</summary>
internal sealed class LogisticFit
{
    private const int MostSteps = 100;
    private const double Rounding = 1e-12;   // relative rounding error of the loss, within which close to the minimum a step is accepted
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
            var probabilities = odds.Map(Logistic);
            var gradient = _columns.TransposeThisAndMultiply(probabilities - _targets) + _penalty.PointwiseMultiply(weights);
            if (_penalty.Sum() == 0 && odds.Zip(_targets, (odd, target) => target == 1 ? odd > 0 : odd < 0).All(isSeparated => isSeparated)) throw NoFit();
            if (gradient.InfinityNorm() <= 1e-9 * _columns.RowCount) return weights;
            var spread = probabilities.Map(probability => probability * (1 - probability));
            var curvature = _columns.TransposeThisAndMultiply(
                Matrix<double>.Build.Dense(_columns.RowCount, _columns.ColumnCount, (i, j) => spread[i] * _columns[i, j]));
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
        "The logistic regression has no finite best fit: clean and attacked inputs are separable without error, or some numbers are " +
        "linear functions of others. " +
        "Give a penalty above 0.");
}
