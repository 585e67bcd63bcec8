using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The range of valid input values, the same for every element. ε is in the units of these bounds.</summary>
/// <param name="Lower">The smallest valid value.</param>
/// <param name="Upper">The largest valid value, above <paramref name="Lower"/>.</param>
public readonly record struct Bounds(double Lower, double Upper)
{
    /// <summary>[0, 1].</summary>
    public static Bounds Unit { get; } = new(0, 1);

    /// <summary>Upper − Lower.</summary>
    public double Range => Upper - Lower;

    /// <summary>The values within the bounds, differentiable: any shape, a new tensor.</summary>
    /// <remarks>Images may exceed the bounds by rounding (10⁻⁵ of the range); whatever computes with them takes them from here.</remarks>
    internal Tensor Clip(Tensor x) => x.clamp(Lower, Upper);

    internal Bounds Checked(string name) => double.IsFinite(Lower) && double.IsFinite(Upper) && Lower < Upper
        ? this
        : throw new ArgumentOutOfRangeException(name, this, $"{name} must be finite with Lower below Upper; they are [{Lower}, {Upper}].");
}
