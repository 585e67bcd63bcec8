using System.Globalization;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Trains an auto-encoder to reconstruct clean images from noisy ones: mean((AE(clip(x + v·N(0, 1))) − x)²).</summary>
/// <remarks>
/// Labels are not used, and accuracies are reported as 0. Source: Meng and Chen 2017, "MagNet", and its code: v = 0.1 on MNIST, 0.025 on
/// CIFAR-10, Adam, batches of 256, 100 epochs. Differs: fresh noise is drawn in every step instead of once; the code's penalty of 1e-9 on the
/// squared activations is left out.
/// </remarks>
public sealed class ReconstructionObjective : TrainingObjective
{
    private readonly Bounds _bounds;
    private readonly double _noise;

    /// <summary>The objective.</summary>
    /// <param name="bounds">The range of the images, to which noisy ones are clipped.</param>
    /// <param name="noise">v, the standard deviation of the noise in the units of the bounds, 0 or above; by default 0.1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public ReconstructionObjective(Bounds bounds, double noise = 0.1) =>
        (_bounds, _noise) = (bounds.Checked(nameof(bounds)), Require.NotNegative(noise, nameof(noise)));

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var noisy = _noise == 0 ? images : random.Normal(images, _noise).add_(images).clamp_(_bounds.Lower, _bounds.Upper);
        var restored = AutoEncoding.Run(network, noisy);
        return ((restored - images).square().mean(), zeros(images.shape[0], 0, dtype: images.dtype, device: images.device));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"reconstruction from noise {_noise} in [{_bounds.Lower}, {_bounds.Upper}]");
}
