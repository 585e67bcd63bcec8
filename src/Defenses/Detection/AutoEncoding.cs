using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Passes through networks that give images back.</summary>
internal static class AutoEncoding
{
    /// <summary>What the network makes of images: the same shape.</summary>
    /// <exception cref="InvalidOperationException">It is another one.</exception>
    internal static Tensor Run(nn.Module<Tensor, Tensor> autoEncoder, Tensor images)
    {
        var restored = ForwardPass.Run(autoEncoder, images);
        return restored.shape.SequenceEqual(images.shape) ? restored : throw new InvalidOperationException(
            $"The auto-encoder must give images of the shape it was given, {Require.Shape(images)}; it gave {Require.Shape(restored)}. " +
            "One that halves the image needs an even height and width.");
    }

    /// <exception cref="InvalidOperationException">The auto-encoder is in training mode.</exception>
    internal static void RequireEvaluation(nn.Module autoEncoder)
    {
        if (autoEncoder.training)
            throw new InvalidOperationException("The auto-encoder is in training mode. Call eval() before images are detected or reformed with it.");
    }
}
