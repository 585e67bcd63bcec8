using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Moves images towards clean ones by an auto-encoder of them: clip(AE(x)). A layer for the front of a network, or a network by itself.</summary>
/// <remarks>Shape: (N, …) → the same. Differentiable. Source: Meng and Chen 2017, "MagNet".</remarks>
public sealed class Reformer : nn.Module<Tensor, Tensor>
{
    [TorchSharp.Utils.ComponentName(Name = "autoEncoder")] private readonly nn.Module<Tensor, Tensor> _autoEncoder;

    /// <summary>A reformer.</summary>
    /// <param name="autoEncoder">(N, …) → the same shape. Becomes a child and is disposed with it.</param>
    /// <param name="bounds">The range that images are clipped to.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are not finite and ascending.</exception>
    public Reformer(nn.Module<Tensor, Tensor> autoEncoder, Bounds bounds) : base(nameof(Reformer))
    {
        _autoEncoder = Require.NotNull(autoEncoder, nameof(autoEncoder));
        Bounds = bounds.Checked(nameof(bounds));
        train(autoEncoder.training);   // before there is a child: its mode stays as it is
        RegisterComponents();
    }

    /// <summary>The range that images are clipped to.</summary>
    public Bounds Bounds { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return AutoEncoding.Run(_autoEncoder, Require.Rows(input, nameof(input))).clamp(Bounds.Lower, Bounds.Upper).MoveToOuterDisposeScope();
    }
}
