using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Compresses an image as JPEG at a given quality and decompresses it: color conversion, 4:2:0 chroma, 8 × 8 DCT, quantization, and back.</summary>
/// <remarks>
/// Shape: (N, 1, H, W) or (N, 3, H, W) → the same; for inputs in [0, 1] (others are clamped), taken as 8-bit images. Follows libjpeg:
/// its tables, scaling, rounding, edges and smooth chroma upsampling. Differentiable except for the roundings, whose gradient is that of
/// the identity; the surrogate is the identity for the whole transform. Source: ITU-T T.81 (1992), annexes A and K; as a defense Dziugaite,
/// Ghahramani and Roy 2016; with straight-through rounding as an attack on it Shin and Song 2017.
/// </remarks>
public sealed class JpegCompression : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    /// <summary>Compression at the given quality.</summary>
    /// <param name="quality">libjpeg's quality, 1 (worst) to 100 (best); 75 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">quality lies outside [1, 100].</exception>
    public JpegCompression(int quality = 75) : base(nameof(JpegCompression)) => Quality = quality;

    /// <summary>libjpeg's quality, 1 (worst) to 100 (best).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [1, 100].</exception>
    public int Quality
    {
        get;
        set => field = Require.Within(value, 1, 100, "quality");
    }

    /// <inheritdoc/>
    public bool UseSurrogate { get; set; }

    /// <summary>The images after compression and decompression, in [0, 1].</summary>
    /// <exception cref="ArgumentException">x is not a floating point tensor (N, 1, H, W) or (N, 3, H, W).</exception>
    public override Tensor forward(Tensor x)
    {
        if (Require.ImageBatch(x, nameof(x)).shape[1] is not (1 or 3))
            throw new ArgumentException($"x must have one channel (grey) or three (red, green, blue); it has shape {Require.Shape(x)}.", nameof(x));
        return UseSurrogate && x.requires_grad ? SurrogateGradient.Of(() => Compress(x), x) : Compress(x);
    }

    private Tensor Compress(Tensor x)
    {
        if (x.numel() == 0) return x.alias();
        using var scope = NewDisposeScope();
        var levels = JpegRounding.HalfUp(x.clamp(0, 1) * 255);
        var light = JpegTables.Luminance(Quality);
        if (x.shape[1] == 1) return (JpegBlocks.Compress(levels, light) / 255).MoveToOuterDisposeScope();
        var (y, chroma) = JpegColor.Split(levels);
        y = JpegBlocks.Compress(y, light);
        chroma = JpegBlocks.Compress(JpegColor.Halve(chroma), JpegTables.Chrominance(Quality));
        return (JpegColor.Join(y, JpegColor.Double(chroma, x.shape[2], x.shape[3])) / 255).MoveToOuterDisposeScope();
    }
}
