using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Rounds each number to one of 2ᵇ evenly spaced levels of [0, 1]: y = round(x·(2ᵇ − 1))/(2ᵇ − 1).</summary>
/// <remarks>
/// Shape: (…) → (…); for inputs in [0, 1]. Gradient: that of the identity (the true gradient is 0), so there is no smoother surrogate to choose.
/// Source: Xu, Evans and Qi 2018 (Feature Squeezing).
/// </remarks>
public sealed class BitDepthReduction : nn.Module<Tensor, Tensor>
{
    /// <summary>Rounding to the given number of bits.</summary>
    /// <param name="bits">Bits per number, 1 to 16.</param>
    /// <exception cref="ArgumentOutOfRangeException">bits lies outside [1, 16].</exception>
    public BitDepthReduction(int bits) : base(nameof(BitDepthReduction)) => Bits = bits;

    /// <summary>Bits per number, 1 to 16.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside [1, 16].</exception>
    public int Bits
    {
        get;
        set => field = Require.Within(value, 1, 16, "bits");
    }

    /// <summary>x, rounded to <see cref="Bits"/> bits.</summary>
    /// <exception cref="ArgumentException">x is not floating point.</exception>
    public override Tensor forward(Tensor x)
    {
        var steps = (1 << Bits) - 1;
        return SurrogateGradient.Round(Require.FloatingPoint(x, nameof(x)), value => (value * steps).round_().div_(steps));
    }
}
