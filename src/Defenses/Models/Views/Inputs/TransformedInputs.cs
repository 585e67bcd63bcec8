using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A model behind input transforms: losses and gradients are means over the changed copies, logits the logarithm of the mean probabilities.</summary>
/// <remarks>
/// A surrogate for transfer. With several transforms each copy passes through all of them, first to last, and the numbers of copies multiply; the copies run
/// one after another. Random transforms draw for each image and each pass; in a run of an attack they draw from the attack's stream.
/// Source: Xie et al. 2019 (diverse inputs), Lin et al. 2020 (scale invariance), Wang et al. 2021 (Admix).
/// </remarks>
public sealed class TransformedInputs : DelegatingModelView
{
    private readonly TransformLayer[] _layers;
    private readonly ModelView _mean;

    /// <summary>Puts transforms in front of a model.</summary>
    /// <param name="inner">The view of the surrogate. Not owned.</param>
    /// <param name="transforms">The transforms, first to last; at least one.</param>
    /// <param name="seed">The seed of the random transforms outside a run of an attack; by default (null) unpredictable.</param>
    public TransformedInputs(ModelView inner, IReadOnlyList<InputTransform> transforms, ulong? seed = null)
        : this(inner, [.. Require.NotEmpty(transforms, nameof(transforms))], Layers(Require.NotNull(inner, nameof(inner)).Bounds, transforms, seed))
    {
    }

    private TransformedInputs(ModelView inner, InputTransform[] transforms, TransformLayer[] layers) : base(inner)
    {
        (Transforms, _layers) = (transforms, layers);
        var isRandom = transforms.Any(transform => transform.IsRandom);
        TransformedCopy[] copies = [.. layers.Select(layer => new TransformedCopy(inner, layer, isRandom))];
        _mean = copies.Length == 1 ? copies[0] : new Surrogates(copies);
        IsRandom = isRandom || inner.IsRandom;
        Networks = isRandom ? [.. inner.Networks, .. layers] : inner.Networks;
    }

    /// <summary>The transforms, first to last.</summary>
    public IReadOnlyList<InputTransform> Transforms { get; }

    /// <inheritdoc/>
    public override bool IsRandom { get; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks { get; }

    /// <inheritdoc/>
    /// <remarks>The copies; with a single copy the members of the model.</remarks>
    public override IReadOnlyList<double> MemberShares => _mean.MemberShares;

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x) => _mean.ComputeLogits(x);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => _mean.ComputeGradient(x, loss);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => _mean.ComputeJacobian(x);

    /// <inheritdoc/>
    protected internal override Tensor ComputeMemberLogits(Tensor x) => _mean.ComputeMemberLogits(x);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) =>
        _mean.ComputeMemberJacobian(member, x, outputs);

    /// <inheritdoc/>
    protected internal override DelegatingModelView Over(ModelView inner) => new TransformedInputs(inner, [.. Transforms], _layers);

    // A layer for each combination of the copies.
    private static TransformLayer[] Layers(Bounds bounds, IReadOnlyList<InputTransform> transforms, ulong? seed)
    {
        var combinations = transforms.Aggregate(new[] { Array.Empty<int>() }, (before, transform) =>
            [.. before.SelectMany(copies => Enumerable.Range(0, transform.Copies).Select(copy => (int[])[.. copies, copy]))]);
        TransformLayer[] layers = [.. combinations.Select(copies => new TransformLayer([.. transforms], copies, bounds))];
        for (var number = 0; number < layers.Length; number++)
        {
            layers[number].eval();
            if (seed is { } own) layers[number].Reseed(Seeds.Combine(own, number));
        }
        return layers;
    }
}

/// <summary>A model behind one copy of the transforms.</summary>
/// <param name="inner">The model.</param>
/// <param name="layer">The transforms, shared by all copies of this view.</param>
/// <param name="isRandom">Whether a transform draws random numbers.</param>
internal sealed class TransformedCopy(ModelView inner, TransformLayer layer, bool isRandom) : InterceptingModelView(inner)
{
    public override bool IsRandom => isRandom || Inner.IsRandom;

    protected internal override IReadOnlyList<nn.Module> Networks => isRandom ? [.. Inner.Networks, layer] : Inner.Networks;

    protected override Func<Tensor, Tensor> Transform => layer.call;

    protected internal override DelegatingModelView Over(ModelView inner) => new TransformedCopy(inner, layer, isRandom);
}
