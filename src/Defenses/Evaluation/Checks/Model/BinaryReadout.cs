using MathNet.Numerics.LinearAlgebra;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>A linear layer on features that separates points inside a ball (score below 0) from points on its border (score above 0).</summary>
/// <param name="Weight">(D,), float64, on the CPU.</param>
/// <param name="Bias">Added to weight · features.</param>
internal sealed record BinaryReadout(double[] Weight, double Bias)
{
    private const double Ridge = 1;

    /// <summary>
    /// Fisher's direction (C + λ·I)⁻¹(b − m) with the inner points' mean m and covariance C and λ the mean variance of a feature. The threshold lies between
    /// the largest inner score and the border's, a share <paramref name="closeness"/> of the way. Scores are scaled so that the centre has −1. Null where the
    /// border's median score is not above the inner ones' upper end.
    /// </summary>
    /// <param name="inner">Features of inner points, (n, D), float64.</param>
    /// <param name="border">Features of the border point, a row for each draw, (r, D), float64: they decide the direction.</param>
    /// <param name="again">The same of other draws: they decide the threshold.</param>
    /// <param name="upperEnd">The share of inner scores that must lie below the threshold: 1 for all.</param>
    /// <param name="closeness">0: at the inner points; 1: at the border point.</param>
    internal static BinaryReadout? Fit(Tensor inner, Tensor border, Tensor again, double upperEnd, double closeness)
    {
        using var scope = NewDisposeScope();
        var mean = inner.mean([0]);
        var centred = inner - mean;
        var weight = Direction(centred, border.mean([0]) - mean);
        var inside = Scores(centred, weight);
        var outside = Scores(again - mean, weight);
        var (low, high) = (inside[(int)Math.Ceiling(upperEnd * inside.Length) - 1], outside[outside.Length / 2]);
        if (!(high > low) || !(high > 0)) return null;
        var threshold = low + closeness * (high - low);
        var scale = 1 / threshold;
        return threshold <= 0 ? null
            : new BinaryReadout([.. weight.data<double>().ToArray().Select(each => each * scale)], -1 - (mean * weight).sum().ToDouble() * scale);
    }

    // By Woodbury: (A'A/n + λI)⁻¹ d = (d − A'(nλI + AA')⁻¹ A d) / λ, with an n × n system instead of D × D.
    private static Tensor Direction(Tensor centred, Tensor difference)
    {
        using var scope = NewDisposeScope();
        var n = (int)centred.shape[0];
        var ridge = Ridge * centred.square().mean().ToDouble() + 1e-12;
        var gram = centred.matmul(centred.t());
        var system = Matrix<double>.Build.Dense(n, n, gram.contiguous().data<double>().ToArray()) + n * ridge * Matrix<double>.Build.DenseIdentity(n);
        var right = Vector<double>.Build.Dense(centred.matmul(difference.unsqueeze(1)).squeeze(1).contiguous().data<double>().ToArray());
        var solved = tensor(system.Cholesky().Solve(right).ToArray(), dtype: ScalarType.Float64);
        return ((difference - centred.t().matmul(solved.unsqueeze(1)).squeeze(1)) / ridge).MoveToOuterDisposeScope();
    }

    private static double[] Scores(Tensor features, Tensor weight)
    {
        using var scope = NewDisposeScope();
        return [.. features.matmul(weight.unsqueeze(1)).squeeze(1).contiguous().data<double>().ToArray().Order()];
    }
}
