using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>DI: with some probability each image is shrunk to a random size and moved to a random place of the frame.</summary>
/// <remarks>
/// Shape: (N, C, H, W) → (N, C, H, W). As published, an image grows to r pixels, is padded at random to R = largest·H, and is resized to H; r is a whole number
/// of pixels from H to R. Here one bilinear step does all: the image has r/R of its size, and the rest is the lower bound. Each image has its own draw.
/// Source: Xie et al. 2019 (input diversity), section 3.2: probability 0.5 and R = 1.1·H for 299 pixels.
/// </remarks>
public sealed record DiverseInput : InputTransform
{
    /// <summary>The probability that an image is changed, from 0 to 1; by default 0.7.</summary>
    public double Probability { get; init => field = Require.Within(value, 0, 1, nameof(Probability)); } = 0.7;

    /// <summary>The largest frame, as a multiple of the image, above 1; by default 1.25.</summary>
    public double Largest
    {
        get;
        init => field = double.IsFinite(value) && value > 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Largest), value, $"{nameof(Largest)} must be a finite number above 1.");
    } = 1.25;

    /// <inheritdoc/>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random)
    {
        Require.ImageBatch(x, nameof(x));
        using var scope = NewDisposeScope();
        var (chance, size, down, right) = PerImage(x, 4, random).unbind(1) is var draws ? (draws[0], draws[1], draws[2], draws[3]) : default;
        var changed = (chance < Probability).view(-1, 1, 1);
        var rows = Places(x, x.shape[2], size, down).unsqueeze(2);        // (N, H, 1)
        var columns = Places(x, x.shape[3], size, right).unsqueeze(1);    // (N, 1, W)
        rows = where(changed, rows, ImageSampling.Numbers(x.shape[2], x).view(1, -1, 1));
        columns = where(changed, columns, ImageSampling.Numbers(x.shape[3], x).view(1, 1, -1));
        long[] shape = [x.shape[0], x.shape[2], x.shape[3]];
        return ImageSampling.At(x, rows.expand(shape), columns.expand(shape), bounds.Lower).MoveToOuterDisposeScope();
    }

    // Where each pixel of a line of the result is read, (N, length).
    private Tensor Places(Tensor x, long length, Tensor size, Tensor offset)
    {
        var frame = Math.Floor(Largest * length);
        var resized = (size * (frame - length + 1)).floor() + length;          // r, from H to R
        var before = (offset * (frame - resized + 1)).floor();                 // padding, from 0 to R − r
        var inFrame = (ImageSampling.Numbers(length, x) + 0.5).unsqueeze(0) * (frame / length);
        return (inFrame - before.unsqueeze(1)) * (length / resized).unsqueeze(1) - 0.5;
    }
}
