using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>The identity, y = x, whose backward pass an attacker may multiply by a factor γ: behind the body of each residual block this is SGM.</summary>
/// <remarks>
/// Shape: (…) → (…). No defense: insert it into a surrogate behind the body of each residual block, before the sum with the shortcut, and attack it through
/// <c>StraightThrough</c>. A path through k bodies then weighs γᵏ, so that gradients prefer the shortcuts. Without that view it does nothing.
/// Source: Wu et al. 2020 (Skip connections matter); γ 0.2 for residual networks and many steps, 0.5 for one step.
/// </remarks>
public sealed class BackwardScale : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    /// <summary>The identity with the given factor.</summary>
    /// <param name="factor">γ, 0 or above; by default 0.2.</param>
    /// <exception cref="ArgumentOutOfRangeException">factor is negative or not finite.</exception>
    public BackwardScale(double factor = 0.2) : base(nameof(BackwardScale)) => Factor = factor;

    /// <summary>The factor γ of the backward pass, 0 or above.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double Factor
    {
        get;
        set => field = Require.NotNegative(value, "factor");
    }

    /// <inheritdoc/>
    public bool UseSurrogate { get; set; }

    /// <summary>x.</summary>
    /// <exception cref="ArgumentException">x is not floating point.</exception>
    public override Tensor forward(Tensor x)
    {
        Require.FloatingPoint(x, nameof(x));
        if (!UseSurrogate || !x.requires_grad) return x.alias();
        using var scope = NewDisposeScope();
        return SurrogateGradient.Of(x.detach, x * Factor).MoveToOuterDisposeScope();
    }
}
