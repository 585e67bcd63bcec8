using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The orthonormal waves of the cosine transform (DCT-II) of each plane of an image.</summary>
internal static class CosineWaves
{
    /// <summary>Waves along a line of elements: (K,) int64 frequencies → (K, length), each of length 1 and orthogonal to the others.</summary>
    internal static Tensor Rows(Tensor frequencies, long length, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var middle = arange(length, dtype: ScalarType.Float64, device: frequencies.device) + 0.5;
        var frequency = frequencies.to_type(ScalarType.Float64).unsqueeze(1);
        var scale = where(frequency.eq(0), full_like(frequency, Math.Sqrt(1.0 / length)), full_like(frequency, Math.Sqrt(2.0 / length)));
        return ((middle.unsqueeze(0) * frequency * (Math.PI / length)).cos() * scale).to_type(dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Normal numbers in the space of the lowest frequencies: the shape of a tensor (N, …).</summary>
    /// <param name="random">The source.</param>
    /// <param name="like">Images, (N, C, H, W) or (N, H, W); other inputs use all frequencies.</param>
    /// <param name="share">The share of the frequencies along each side.</param>
    internal static Tensor Random(RandomSource random, Tensor like, double share)
    {
        if (share >= 1 || like.dim() is not (3 or 4)) return random.Normal(like);
        using var scope = NewDisposeScope();
        var planes = SquareProposal.Planes(like);
        var (height, width) = (planes.shape[2], planes.shape[3]);
        var (down, across) = (Lowest(height), Lowest(width));
        var numbers = random.Normal(zeros([planes.shape[0], planes.shape[1], down.shape[0], across.shape[0]], dtype: like.dtype, device: like.device));
        return down.t().matmul(numbers.matmul(across)).view(like.shape).MoveToOuterDisposeScope();

        Tensor Lowest(long length) => Rows(
            arange(Math.Max(1, (long)Math.Ceiling(share * length)), dtype: ScalarType.Int64, device: like.device), length, like.dtype);
    }
}
