using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>A rectifier whose output is one of 2ᵇ evenly spaced levels: y = round(min(max(x, 0), max)·(2ᵇ − 1)/max)·max/(2ᵇ − 1).</summary>
/// <remarks>
/// Shape: (…) → (…). Gradient: that of min(max(x, 0), max), slope 1 inside and 0 elsewhere (the true gradient is 0 almost everywhere), so there is no smoother
/// surrogate to choose. One bit is a step. Source: Lin, Gan and Han 2019 (Defensive Quantization), who quantize activations to 1 to 5 bits and train so.
/// </remarks>
public sealed class QuantizedReLU : nn.Module<Tensor, Tensor>
{
    /// <summary>A rectifier with levels.</summary>
    /// <param name="bits">Bits per activation, 1 to 16.</param>
    /// <param name="max">The largest level, in units of the activations, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">bits lies outside [1, 16], or max is not a finite number above 0.</exception>
    public QuantizedReLU(int bits, double max) : base(nameof(QuantizedReLU)) => (Bits, Max) = (bits, max);

    /// <summary>Bits per activation, 1 to 16.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [1, 16].</exception>
    public int Bits
    {
        get;
        set => field = Require.Within(value, 1, 16, "bits");
    }

    /// <summary>The largest level, in units of the activations, above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a finite number above 0.</exception>
    public double Max
    {
        get;
        set => field = Require.Positive(value, "max");
    }

    /// <summary>x, bounded and rounded to a level.</summary>
    /// <exception cref="ArgumentException">x is not floating point.</exception>
    public override Tensor forward(Tensor x)
    {
        Require.FloatingPoint(x, nameof(x));
        using var scope = NewDisposeScope();
        var step = Max / ((1 << Bits) - 1);
        return SurrogateGradient.Of(() => (x.clamp(0, Max) / step).round_().mul_(step), BoundedReLU.Bounded(x, Max)).MoveToOuterDisposeScope();
    }
}
