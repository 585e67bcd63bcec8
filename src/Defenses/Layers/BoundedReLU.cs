using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>A rectifier with a ceiling: y = min(max(x, 0), max).</summary>
/// <remarks>
/// Shape: (…) → (…). Slope 1 inside (0, max), 0 elsewhere. Limits how far a small change of the input can be amplified. Source:
/// Liew, Khalil-Hani and Bakhteri 2016; as a defense Zantedeschi, Nicolae and Rawat 2017.
/// </remarks>
public sealed class BoundedReLU : nn.Module<Tensor, Tensor>
{
    /// <summary>A rectifier with the given ceiling.</summary>
    /// <param name="max">The ceiling, in units of the activations, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">max is not a finite number above 0.</exception>
    public BoundedReLU(double max) : base(nameof(BoundedReLU)) => Max = max;

    /// <summary>The ceiling, in units of the activations, above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a finite number above 0.</exception>
    public double Max
    {
        get;
        set => field = Require.Positive(value, "max");
    }

    /// <summary>min(max(x, 0), <see cref="Max"/>).</summary>
    /// <exception cref="ArgumentException">x is not floating point.</exception>
    public override Tensor forward(Tensor x) => Bounded(Require.FloatingPoint(x, nameof(x)), Max);

    /// <summary>min(max(x, 0), max), with slope 0 at both ends.</summary>
    internal static Tensor Bounded(Tensor x, double max)
    {
        // hardtanh returns x itself in TorchSharp 0.107. clamp gives the right values, but its slope is 1 at 0 and at the ceiling.
        if (!x.requires_grad || !is_grad_enabled()) return x.clamp(0, max);
        using var scope = NewDisposeScope();
        return nn.functional.threshold(nn.functional.relu(x).neg(), -max, -max).neg().MoveToOuterDisposeScope();
    }
}
