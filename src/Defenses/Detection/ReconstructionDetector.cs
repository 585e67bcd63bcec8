using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>The reconstruction error of an auto-encoder of clean images: the mean over the elements of |x − AE(x)|ᵖ.</summary>
/// <remarks>Source: Meng and Chen 2017, "MagNet"; on MNIST the deep auto-encoder with p = 2 and the shallow one with p = 1.</remarks>
public sealed class ReconstructionDetector : Detector
{
    private readonly nn.Module<Tensor, Tensor> _autoEncoder;

    /// <summary>A detector by reconstruction error.</summary>
    /// <param name="autoEncoder">(N, …) → the same shape, trained on clean images with a
    /// <see cref="ReconstructionObjective"/>, in evaluation mode. Not owned.</param>
    /// <param name="bounds">The range of the images.</param>
    /// <param name="power">p, at least 1; by default 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public ReconstructionDetector(nn.Module<Tensor, Tensor> autoEncoder, Bounds bounds, double power = 2) : base(bounds)
    {
        _autoEncoder = Require.NotNull(autoEncoder, nameof(autoEncoder));
        Power = Require.AtLeast(power, 1, nameof(power));
    }

    /// <summary>p.</summary>
    public double Power { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        AutoEncoding.RequireEvaluation(_autoEncoder);
        using var scope = NewDisposeScope();
        var error = (images - AutoEncoding.Run(_autoEncoder, images)).flatten(1).abs();
        return (Power == 1 ? error : error.pow(Power)).mean([1]).MoveToOuterDisposeScope();
    }
}
