using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Admix: each copy adds a share of another image, x + share·x′. The other image gets no gradient, and the sum is not clipped.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …). Three copies by default, each with another partner, drawn from the pool for each image. Pixels count from the lower bound. Source:
/// Wang et al. 2021 (Admix), which takes partners of other classes from the batch, and scales each sum: put <see cref="ScaleInvariance"/> behind it.
/// Differs: partners come from a pool, so that the batch does not change the result, and they may be of the same class.
/// </remarks>
/// <param name="Pool">The images to mix with.</param>
public sealed record Admix(ImagePool Pool) : InputTransform
{
    /// <summary>The images to mix with.</summary>
    public ImagePool Pool { get; init => field = Require.NotNull(value, nameof(Pool)); } = Require.NotNull(Pool, nameof(Pool));

    /// <summary>The share of the other image, above 0 and at most 1; by default 0.2.</summary>
    public double Share { get; init => field = Require.Within(Require.Positive(value, nameof(Share)), 0, 1, nameof(Share)); } = 0.2;

    /// <inheritdoc/>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random)
    {
        if (!x.shape.Skip(1).SequenceEqual(Pool.Images.shape.Skip(1)))
            throw new ArgumentException(
                $"x must have images of the pool's shape, {Require.Shape(Pool.Images)} but for their number; it has shape {Require.Shape(x)}.", nameof(x));
        using var scope = NewDisposeScope();
        var indices = tensor(random.Indices(Pool.Images.shape[0], x.shape[0])).to(x.device);
        var partners = Pool.Images.index_select(0, indices).to_type(x.dtype).detach();
        return (x + (partners - bounds.Lower) * Share).MoveToOuterDisposeScope();
    }
}
