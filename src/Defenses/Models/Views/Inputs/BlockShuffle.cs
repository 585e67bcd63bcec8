using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>BSR: each image is cut into strips, which are rotated a little and put together in another order; then each strip likewise, crosswise.</summary>
/// <remarks>
/// Shape: (N, C, H, W) → (N, C, H, W). The first cut is along a random axis into strips with lengths in proportion to 1 + U[0, 1). Each strip is rotated as a
/// whole by an angle of its own (bilinear; the lower bound beyond the strip). Then each strip is cut along the other axis, and its parts change places.
/// Eight copies by default; each image has its own draws. With one block the image is only rotated. Source: Wang, He, Wang and Wang 2024 (block shuffle and
/// rotation). Differs from its code: draws for each image, not for the batch; two blocks for small images, not three.
/// </remarks>
public sealed record BlockShuffle : InputTransform
{
    /// <summary>Eight copies by default.</summary>
    public BlockShuffle() => Copies = 8;

    /// <summary>Blocks along each axis, 1 to 8; by default 2.</summary>
    public int Blocks { get; init => field = (int)Require.Within(value, 1, 8, nameof(Blocks)); } = 2;

    /// <summary>The largest angle of a rotation in degrees, from 0 to 180; by default 24.</summary>
    public double Angle { get; init => field = Require.Within(value, 0, 180, nameof(Angle)); } = 24;

    /// <inheritdoc/>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random)
    {
        Require.ImageBatch(x, nameof(x));
        using var scope = NewDisposeScope();
        var (rows, columns) = Places(x, PerImage(x, 1 + 3 * Blocks + 2 * Blocks * Blocks, random), out var inside);
        var seen = ImageSampling.At(x, rows, columns, bounds.Lower);
        var mask = inside.unsqueeze(1).to_type(x.dtype);
        return ((seen - bounds.Lower) * mask + bounds.Lower).MoveToOuterDisposeScope();
    }

    // Where each pixel is read, (N, H, W), and whether it lies inside of its strip.
    private (Tensor Rows, Tensor Columns) Places(Tensor x, Tensor draws, out Tensor inside)
    {
        var (n, blocks) = (x.shape[0], (long)Blocks);
        var parts = draws.split([1, blocks, blocks, blocks, blocks * blocks, blocks * blocks], 1);
        var cuts = new StripCuts(parts[1], parts[2], (parts[3] * 2 - 1) * (Angle * Math.PI / 180), parts[4].view(n, blocks, blocks),
            parts[5].view(n, blocks, blocks));
        var (r1, c1, in1) = cuts.Places(x.shape[2], x.shape[3], x);
        var (c2, r2, in2) = cuts.Places(x.shape[3], x.shape[2], x);   // columns first: the same along the other axis
        var first = (parts[0] < 0.5).view(-1, 1, 1);
        inside = where(first, in1, in2.transpose(1, 2));
        return (where(first, r1, r2.transpose(1, 2)), where(first, c1, c2.transpose(1, 2)));
    }

    /// <summary>The draws of one image each.</summary>
    /// <param name="Lengths">Of the strips, (N, n), in [0, 1).</param>
    /// <param name="Order">The strips are sorted by these, (N, n).</param>
    /// <param name="Angles">Of the strips, in radians, (N, n).</param>
    /// <param name="PartLengths">Of the parts of each strip, (N, n, n), in [0, 1).</param>
    /// <param name="PartOrder">The parts of each strip are sorted by these, (N, n, n).</param>
    private readonly record struct StripCuts(Tensor Lengths, Tensor Order, Tensor Angles, Tensor PartLengths, Tensor PartOrder)
    {
        /// <summary>For strips across an axis of <paramref name="height"/>: where each pixel is read along both axes, and whether inside its strip.</summary>
        internal (Tensor Along, Tensor Across, Tensor Inside) Places(long height, long width, Tensor x)
        {
            var (strip, local, start, length) = Shuffled(Lengths, Order, height, x);                         // (N, H) each
            var (_, partLocal, partStart, _) = Shuffled(PartLengths, PartOrder, width, x);                   // (N, n, W) each
            var column = (partLocal + partStart).gather(1, strip.unsqueeze(2).expand(-1, -1, width));        // (N, H, W)
            var (turn, tall) = (Angles.gather(1, strip).unsqueeze(2), length.unsqueeze(2));
            var (down, right) = (local.unsqueeze(2) - (tall - 1) / 2, column - (width - 1) / 2.0);
            var along = turn.cos() * down - turn.sin() * right + (tall - 1) / 2;
            var across = turn.sin() * down + turn.cos() * right + (width - 1) / 2.0;
            var inside = (along >= -0.5) & (along <= tall - 0.5) & (across >= -0.5) & (across <= width - 0.5);
            return (along + start.unsqueeze(2), across, inside);
        }

        // For each place of the result, (…, size): its piece, the place within the piece, the first place of the piece in the image, the piece's length.
        private static (Tensor Piece, Tensor Local, Tensor Start, Tensor Length) Shuffled(Tensor lengths, Tensor order, long size, Tensor x)
        {
            var shares = lengths + 1;
            var ends = (shares.cumsum(-1) / shares.sum(-1, keepdim: true) * size).round();
            var sizes = cat([ends.narrow(-1, 0, 1), ends.diff(dim: -1)], -1);
            var sorted = order.argsort(-1);
            var newEnds = sizes.gather(-1, sorted).cumsum(-1);
            var place = ImageSampling.Numbers(size, x);
            var slot = (place >= newEnds.unsqueeze(-1)).sum(-2).clamp_max(lengths.shape[^1] - 1);   // (…, size)
            var piece = sorted.gather(-1, slot);
            var length = sizes.gather(-1, piece);
            return (piece, place - (newEnds.gather(-1, slot) - length), ends.gather(-1, piece) - length, length);
        }
    }
}
