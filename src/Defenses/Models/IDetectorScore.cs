using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>What an attacker knows of a detector: how suspicious it finds an image.</summary>
/// <remarks>A detector calls an image attacked when its score lies above a threshold of its own. An attack that means to stay unseen takes the
/// score into its goal; it follows the gradient of the score where the detector has one.</remarks>
public interface IDetectorScore
{
    /// <summary>The score of each image: the higher, the more suspicious.</summary>
    /// <param name="images">(N, ...) in the bounds of the model that the detector guards.</param>
    /// <returns>(N,), on the device of the images and, where the detector is differentiable, connected to them.</returns>
    Tensor Score(Tensor images);

    /// <summary>Whether scores are connected to the images, so that attacks can follow their gradient; true unless the detector says otherwise.</summary>
    bool IsDifferentiable => true;
}
