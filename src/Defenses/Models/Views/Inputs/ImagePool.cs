using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Images of an attacker's own, (M, …), such as some training images.</summary>
/// <param name="images">The images, at least one, on the device of the attacked images. Not owned: keep them until the last use of the pool.</param>
public sealed class ImagePool(Tensor images)
{
    /// <summary>The images, (M, …). Not owned.</summary>
    public Tensor Images { get; } = Require.Batch(images, nameof(images));

    /// <summary>The number of images.</summary>
    public override string ToString() => $"{Images.shape[0]} images";
}
