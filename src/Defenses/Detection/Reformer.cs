using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Moves images towards clean ones by an auto-encoder of them: clip(AE(x)). A layer in front of a network, or a separate network.</summary>
/// <remarks>Shape: (N, …) → the same. Differentiable. Source: Meng and Chen 2017, "MagNet".</remarks>
public sealed class Reformer : nn.Module<Tensor, Tensor>
{
    [TorchSharp.Utils.ComponentName(Name = "autoEncoder")] private readonly nn.Module<Tensor, Tensor> _autoEncoder;

    /// <summary>A reformer.</summary>
    /// <param name="autoEncoder">(N, …) → the same shape. Becomes a child and is disposed with the reformer.</param>
    /// <param name="bounds">The range that images are clipped to.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are not finite and ascending.</exception>
    public Reformer(nn.Module<Tensor, Tensor> autoEncoder, Bounds bounds) : base(nameof(Reformer))
    {
        _autoEncoder = Require.NotNull(autoEncoder, nameof(autoEncoder));
        Bounds = bounds.Checked(nameof(bounds));
        train(autoEncoder.training);   // before there is a child, so that its mode does not change
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

/// <summary>Runs auto-encoders.</summary>
internal static class AutoEncoding
{
    /// <summary>The reconstruction of images, in the same shape.</summary>
    /// <exception cref="InvalidOperationException">The output has another shape.</exception>
    internal static Tensor Run(nn.Module<Tensor, Tensor> autoEncoder, Tensor images)
    {
        var restored = ForwardPass.Run(autoEncoder, images);
        return restored.shape.SequenceEqual(images.shape) ? restored : throw new InvalidOperationException(
            $"The auto-encoder must return images of the input's shape, {Require.Shape(images)}; it gave {Require.Shape(restored)}. " +
            "An auto-encoder that halves the image needs an even height and width.");
    }

    /// <exception cref="InvalidOperationException">The auto-encoder is in training mode.</exception>
    internal static void RequireEvaluation(nn.Module autoEncoder)
    {
        if (autoEncoder.modules().Prepend(autoEncoder).Any(NetworkModes.IsInTraining))
            throw new InvalidOperationException("The auto-encoder is in training mode. Call eval() before using it to detect or reform images.");
    }
}
