using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>A rectifier, y = max(x, 0), whose backward pass an attacker may replace by that of the identity (LinBP).</summary>
/// <remarks>
/// Shape: (…) → (…). No defense: put it into a surrogate in place of the later rectifiers and attack it through <c>StraightThrough</c>. Without that view it is
/// a plain rectifier. Where gradients pass all units, examples fit other networks more; too early a layer destroys the signal, so compare
/// by validation. Source: Guo, Li and Chen 2020 (Backpropagating linearly improves transferability). Differs: branches of residual blocks are not rescaled.
/// </remarks>
public sealed class LinearBackwardReLU : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    /// <summary>A rectifier.</summary>
    public LinearBackwardReLU() : base(nameof(LinearBackwardReLU)) { }

    /// <inheritdoc/>
    public bool UseSurrogate { get; set; }

    /// <summary>max(x, 0).</summary>
    /// <exception cref="ArgumentException">x is not floating point.</exception>
    public override Tensor forward(Tensor x)
    {
        Require.FloatingPoint(x, nameof(x));
        return UseSurrogate && x.requires_grad ? SurrogateGradient.Of(() => x.relu(), x) : x.relu();
    }
}
