using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>Three numbers that identify a tensor: its sum, its norm, and its projection on a fixed direction.</summary>
/// <remarks>They are compared within a tolerance, not bit by bit: another machine that computes the same numbers may continue the work or add a part.</remarks>
internal static class TensorDigest
{
    private const double Tolerance = 1e-6;

    /// <summary>Σxᵢ, ‖x‖₂ and Σxᵢ·sin(1 + 0.7·i), in double precision.</summary>
    internal static double[] Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        var flat = x.detach().to_type(ScalarType.Float64).cpu().reshape(-1);
        var direction = (arange(flat.shape[0], dtype: ScalarType.Float64) * 0.7 + 1).sin_();
        return [flat.sum().ToDouble(), flat.square().sum().sqrt().ToDouble(), flat.dot(direction).ToDouble()];
    }

    /// <summary>Whether two digests belong to the same numbers. The tolerance detects a single changed 8-bit value in a block of images.</summary>
    internal static bool Same(double[]? now, double[]? then) =>
        now is { Length: 3 } && then is { Length: 3 } && now.Zip(then).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + Math.Abs(then[1])));
}
