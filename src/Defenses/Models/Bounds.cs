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

    internal Bounds Checked(string name) => double.IsFinite(Lower) && double.IsFinite(Upper) && Lower < Upper
        ? this
        : throw new ArgumentOutOfRangeException(name, this, $"{name} must be finite with Lower below Upper; they are [{Lower}, {Upper}].");
}
