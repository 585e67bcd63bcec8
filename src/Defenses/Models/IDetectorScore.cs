using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>An attacker's knowledge of a detector: the score that the detector gives to an image.</summary>
/// <remarks>A detector flags an image as attacked when the score lies above its threshold. An attack that must stay undetected adds the
/// score to its goal, and follows the gradient of the score where it exists.</remarks>
public interface IDetectorScore
{
    /// <summary>The score of each image: the higher, the more suspicious.</summary>
    /// <param name="images">(N, ...) in the bounds of the model that the detector protects.</param>
    /// <returns>(N,), on the device of the images and, where the detector is differentiable, connected to them.</returns>
    Tensor Score(Tensor images);

    /// <summary>Whether scores are connected to the images, so that attacks can follow their gradient; true by default.</summary>
    bool IsDifferentiable => true;
}
