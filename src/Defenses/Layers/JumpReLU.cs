using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Keeps an activation above the threshold and zeroes the rest: y = x·[x > κ].</summary>
/// <remarks>
/// Shape: (…) → (…). κ = 0 is the rectifier; slope 1 above κ, 0 elsewhere; the jump itself has no gradient, which is why
/// <see cref="UseSurrogate"/> exists. Source: Erichson, Yao and Mahoney 2019; κ = 1.0 for their LeNet-like network, 0.4 for the
/// AlexNet-like, 0.07 for the wide residual network. Differs: their code uses κ = 0 in training mode; here κ applies in both
/// modes. Set it to 0 to train a network that is to be protected afterwards.
/// </remarks>
public sealed class JumpReLU : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    /// <summary>The activation with the given threshold.</summary>
    /// <param name="kappa">The threshold κ, in units of the activations, 0 or above.</param>
    /// <exception cref="ArgumentOutOfRangeException">kappa is negative or not finite.</exception>
    public JumpReLU(double kappa) : base(nameof(JumpReLU)) => Kappa = kappa;

    /// <summary>The threshold κ, in units of the activations, 0 or above.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double Kappa
    {
        get;
        set => field = Require.NotNegative(value, "kappa");
    }

    /// <summary>Whether the backward pass is that of a smoother function, with an unchanged forward pass; off by default.</summary>
    public bool UseSurrogate { get; set; }

    /// <summary>
    /// The surrogate: null (the default) for the rectifier, or the sharpness β &gt; 0 of x·σ(β(x − κ)), which shows the jump to the attacker.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a finite number above 0.</exception>
    public double? SurrogateSharpness
    {
        get;
        set => field = value is { } sharpness ? Require.Positive(sharpness, "surrogateSharpness") : null;
    }

    /// <summary>x·[x > κ].</summary>
    /// <exception cref="ArgumentException">x is not floating point.</exception>
    public override Tensor forward(Tensor x)
    {
        Require.FloatingPoint(x, nameof(x));
        if (!UseSurrogate || !x.requires_grad) return nn.functional.threshold(x, Kappa, 0);
        using var scope = NewDisposeScope();
        var surrogate = SurrogateSharpness is { } sharpness ? x * ((x - Kappa) * sharpness).sigmoid() : x.relu();
        return SurrogateGradient.Of(() => nn.functional.threshold(x, Kappa, 0), surrogate).MoveToOuterDisposeScope();
    }
}
