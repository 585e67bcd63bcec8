using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A change of the images in front of a surrogate: gradients through it fit one model less, so that examples fool other models more often.</summary>
/// <remarks>
/// An immutable set of options. <see cref="TransformedInputs"/> applies a list of transforms, and <c>TransferPgd</c> takes such a list. For custom
/// transforms, too. A transform treats each image alone: another image of the batch changes nothing.
/// </remarks>
public abstract record InputTransform
{
    /// <summary>The number of changed copies whose gradients are averaged, at least 1; by default 1. The copies of several transforms multiply.</summary>
    public int Copies { get; init => field = Require.AtLeast(value, 1, nameof(Copies)); } = 1;

    /// <summary>Whether the transform draws random numbers.</summary>
    public abstract bool IsRandom { get; }

    /// <summary>One changed copy of each image, differentiable: (N, …) → (N, …), the same shape.</summary>
    /// <param name="x">The images.</param>
    /// <param name="copy">The number of the copy, from 0 to <see cref="Copies"/> − 1.</param>
    /// <param name="bounds">The bounds of the model. Constants of a transform are relative to them.</param>
    /// <param name="random">The stream of the transform; draw for each image separately (shape (N, …)), and expand numbers of batch dimension 1.</param>
    public abstract Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random);

    /// <summary>Numbers uniform on [0, 1) for each image, (N, count).</summary>
    private protected static Tensor PerImage(Tensor x, long count, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return random.Uniform(zeros([x.shape[0], count], dtype: x.dtype, device: x.device)).expand(x.shape[0], count).MoveToOuterDisposeScope();
    }
}

/// <summary>One copy of each image behind several transforms. A layer, so that an attack can lend it a stream.</summary>
/// <param name="transforms">The transforms, first to last.</param>
/// <param name="copies">The number of the copy for each transform.</param>
/// <param name="bounds">The bounds of the model.</param>
internal sealed class TransformLayer(IReadOnlyList<InputTransform> transforms, IReadOnlyList<int> copies, Bounds bounds)
    : StochasticLayer(nameof(TransformLayer))
{
    protected internal override bool HasSurrogate => false;

    protected override Tensor Sample(Tensor x, RandomSource random) => Apply(x, random, all: true);

    // Without randomness: only the transforms that never draw.
    protected override Tensor Deterministic(Tensor x)
    {
        using var none = new RandomSource(0);
        return Apply(x, none, all: false);
    }

    private Tensor Apply(Tensor x, RandomSource random, bool all)
    {
        using var scope = NewDisposeScope();
        var changed = x.alias();
        for (var number = 0; number < transforms.Count; number++)
        {
            if (!all && transforms[number].IsRandom) continue;
            var next = transforms[number].Apply(changed, copies[number], bounds, random);
            if (!next.shape.SequenceEqual(x.shape))
                throw new InvalidOperationException(
                    $"{transforms[number].GetType().Name}.Apply must keep the shape of the images, {Require.Shape(x)}; it gave {Require.Shape(next)}.");
            changed = next;
        }
        return changed.MoveToOuterDisposeScope();
    }
}
