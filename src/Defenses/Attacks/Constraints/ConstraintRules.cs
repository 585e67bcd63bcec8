using System.Globalization;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Checks of the images under a constraint; each message names the image and the cure.</summary>
internal static class ConstraintRules
{
    /// <summary>The argument's name.</summary>
    internal const string Name = "constraint";

    /// <summary>Rounding that bounds allow, as a share of the model's range.</summary>
    internal const double Slack = 1e-5;

    /// <summary>Images whose values lie in a box that has a value for each element.</summary>
    internal static void RequireInside(Tensor original, Tensor lower, Tensor upper, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        if (First(lower > upper + Slack * bounds.Range) is { } empty)
            throw new ArgumentException(
                $"constraint leaves no value for an element of image number {empty.Image}: {Between(lower, upper, empty)} is empty. Widen its bounds.", Name);
        var outside = (original < lower - Slack * bounds.Range).logical_or(original > upper + Slack * bounds.Range);
        if (First(outside) is not { } first) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"constraint must hold for the original images; image number {first.Image} has the value {At(original, first)} at element {first.Element}, " +
            $"outside of {Between(lower, upper, first)}. Leave the image out, clip it, or widen the bounds."), Name);
    }

    /// <summary>Images on the lattice.</summary>
    internal static void RequireOnLattice(Tensor x, Tensor snapped, Lattice lattice)
    {
        using var scope = NewDisposeScope();
        if (First((x - snapped).abs() > Lattice.Tolerance * lattice.Step + Slack * lattice.Step) is not { } first) return;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"x must have only values of the constraint's {lattice.Levels} levels; image number {first.Image} has {At(x, first)} at element {first.Element}, " +
            $"and the nearest level is {At(snapped, first)}. Round the images first: x = constraint.Round(x, model.Bounds)."), "x");
    }

    /// <summary>Numbers of enough digits for a lattice.</summary>
    internal static void RequireDigits(Tensor x)
    {
        if (x.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException(
                $"x must be float32 or float64 for a constraint with levels; it is {x.dtype}. Convert with x.to_type(ScalarType.Float32).", nameof(x));
    }

    // The first element of a mask, by image and number within it.
    private static (long Image, long Element)? First(Tensor mask)
    {
        if (!mask.any().ToBoolean()) return null;
        var found = mask.flatten(1).nonzero()[0];
        return (found[0].ToInt64(), found[1].ToInt64());
    }

    private static double At(Tensor x, (long Image, long Element) place) => x.flatten(1)[place.Image, place.Element].ToDouble();

    private static string Between(Tensor lower, Tensor upper, (long Image, long Element) place) =>
        string.Create(CultureInfo.InvariantCulture, $"[{At(lower, place)}, {At(upper, place)}]");
}
