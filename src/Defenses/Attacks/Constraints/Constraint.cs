using System.Globalization;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The images that an attack may return: which elements may change, their bounds, and the levels of an image file.</summary>
/// <remarks>
/// Given to <see cref="Attack.Run(ModelView, Tensor, Tensor, IProgress{AttackProgress}?, CancellationToken, Constraint?)"/>, it holds for every attack,
/// also for a custom one: the model gets only images that satisfy it, gradients are 0 at elements that must not change, and the result is decided and
/// measured on images that satisfy it. Parts are combined by <see cref="And"/>; all of them hold.
/// A constraint copies its tensors into memory of its own. It owns no tensor and needs no disposal.
/// </remarks>
public sealed class Constraint
{
    private IReadOnlyList<StoredTensor> _masks = [], _lower = [], _upper = [], _radii = [];
    private IReadOnlyList<string> _texts = [];

    private Constraint() { }

    /// <summary>Images with 8 bits a channel: 256 levels, from the lower to the upper bound of the model.</summary>
    /// <remarks>An adversarial image that is written as PNG and read again is the same, bit for bit. See <see cref="Lattice"/>.</remarks>
    public static Constraint EightBit { get; } = Lattice(256);

    /// <summary>The number of levels of each element; null without a lattice.</summary>
    public int? Levels { get; private init; }

    /// <summary>Only the elements of a mask may change.</summary>
    /// <param name="mask">1 or true where an element may change, 0 or false elsewhere: the shape of one image, a shape that broadcasts to it such as
    /// (1, H, W), or (N, …) with one mask for each image.</param>
    /// <exception cref="ArgumentException">The mask is empty, or has a value that is not 0 or 1.</exception>
    public static Constraint Mask(Tensor mask)
    {
        using var scope = NewDisposeScope();
        var free = StoredTensor.NotEmpty(mask, nameof(mask)).dtype == ScalarType.Bool ? mask : mask.ne(0);
        if (mask.dtype != ScalarType.Bool && mask.ne(1).logical_and(free).any().ToBoolean())
            throw new ArgumentException(
                "mask must be bool, or have only the values 0 (stays) and 1 (may change); it has others. Compare first, such as mask > 0.5.", nameof(mask));
        var stored = StoredTensor.Of(free);
        return new() { _masks = [stored], _texts = [$"mask of {free.sum().ToInt64()} of {free.numel()} elements ({stored.Hash})"] };
    }

    /// <summary>Every element keeps within the same bounds.</summary>
    /// <param name="lower">The smallest value, within the model's bounds.</param>
    /// <param name="upper">The largest value, at least <paramref name="lower"/>, within the model's bounds.</param>
    /// <exception cref="ArgumentException">A bound is not finite, or the lower one lies above the upper one.</exception>
    public static Constraint Between(double lower, double upper)
    {
        using var scope = NewDisposeScope();
        var both = Between(tensor(lower, ScalarType.Float64), tensor(upper, ScalarType.Float64));
        both._texts = [string.Create(CultureInfo.InvariantCulture, $"values in [{lower}, {upper}]")];
        return both;
    }

    /// <summary>Each element keeps within bounds of its own, or of its channel.</summary>
    /// <remarks>The original images must satisfy them.</remarks>
    /// <param name="lower">The smallest values, within the model's bounds: the shape of one image, a shape that broadcasts to it such as (C, 1, 1), or
    /// (N, …) with bounds for each image. Floating point.</param>
    /// <param name="upper">The largest values, in a shape of the same kind.</param>
    /// <exception cref="ArgumentException">A bound is not finite, or a lower bound lies above the upper one.</exception>
    public static Constraint Between(Tensor lower, Tensor upper)
    {
        StoredTensor.Finite(lower, nameof(lower));
        StoredTensor.Finite(upper, nameof(upper));
        using var scope = NewDisposeScope();
        if (!StoredTensor.Broadcasts(lower.shape, upper.shape))
            throw new ArgumentException(
                $"lower and upper must have shapes that broadcast to each other; they have {Require.Shape(lower)} and {Require.Shape(upper)}.", nameof(lower));
        var crossed = (lower - upper).amax();
        if (crossed.ToDouble() > 0)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"lower must not lie above upper; an element's lower bound is {crossed.ToDouble()} above its upper bound. Exchange them."), nameof(lower));
        var (low, high) = (StoredTensor.Of(lower), StoredTensor.Of(upper));
        return new() { _lower = [low], _upper = [high], _texts = [$"bounds for each element ({low.Hash}, {high.Hash})"] };
    }

    /// <summary>Each element changes by at most a radius, whatever the budget of the attack.</summary>
    /// <param name="radius">The largest change, 0 or above, in the units of the model's bounds: the shape of one image, a shape that broadcasts to it
    /// such as (C, 1, 1), or (N, …). Floating point.</param>
    /// <exception cref="ArgumentException">A radius is negative or not finite.</exception>
    public static Constraint Near(Tensor radius)
    {
        StoredTensor.Finite(radius, nameof(radius));
        using var scope = NewDisposeScope();
        if (radius.amin().ToDouble() is < 0 and var least)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"radius must be 0 or above; it has {least}."), nameof(radius));
        var stored = StoredTensor.Of(radius);
        return new() { _radii = [stored], _texts = [$"changes of each element at most ({stored.Hash})"] };
    }

    /// <summary>Each element has one of several levels between the bounds of the model: Lower + k·Range/(levels − 1).</summary>
    /// <remarks>
    /// The originals must be on the lattice (to a thousandth of the distance of two levels); <see cref="Round"/> makes them so. Attacks move in small steps
    /// as always; the model gets each point rounded to the nearest level. Where that would make the change larger, in the attack's norm, than the point's
    /// and than the budget, elements are rounded towards the original, those that lie nearest to it first. A budget in L∞ so counts in whole levels.
    /// In L1 and L2 elements that change by less than half a level are rounded up as long as the change keeps within its size.
    /// </remarks>
    /// <param name="levels">The number of levels, from 2 to 65536; an image file with 8 bits a channel has 256.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    public static Constraint Lattice(int levels) =>
        new() { Levels = (int)Require.Within(levels, 2, 65536, nameof(levels)), _texts = [string.Create(CultureInfo.InvariantCulture, $"{levels} levels")] };

    /// <summary>This constraint and another: both hold.</summary>
    /// <exception cref="ArgumentException">The lattices of the two have different levels.</exception>
    public Constraint And(Constraint other)
    {
        if (Require.NotNull(other, nameof(other)).Levels is { } levels && Levels is { } own && levels != own)
            throw new ArgumentException($"other must have the same number of levels, {own}; it has {levels}.", nameof(other));
        return new()
        {
            Levels = Levels ?? other.Levels, _masks = [.. _masks, .. other._masks], _lower = [.. _lower, .. other._lower],
            _upper = [.. _upper, .. other._upper], _radii = [.. _radii, .. other._radii], _texts = [.. _texts.Union(other._texts)],
        };
    }

    /// <summary>The images on the nearest levels, (…) → (…); without a lattice the images themselves.</summary>
    /// <param name="x">Images within the bounds, float32 or float64.</param>
    /// <param name="bounds">The bounds of the model.</param>
    public Tensor Round(Tensor x, Bounds bounds)
    {
        Require.FloatingPoint(x, nameof(x));
        if (Levels is not { } levels) return x.alias();
        using var scope = NewDisposeScope();
        var lattice = new Lattice(levels, bounds.Checked(nameof(bounds)));
        return lattice.Values(lattice.Nearest(x)).MoveToOuterDisposeScope();
    }

    /// <summary>The parts, such as "mask of 196 of 784 elements (1A2B3C4D), 256 levels"; parentheses hold the beginning of a hash.</summary>
    public override string ToString() => string.Join(", ", _texts);

    /// <summary>The constraint of some images of a set, by number: parts that have a row for each image of the set keep those of these images.</summary>
    /// <param name="first">The number of the first image.</param>
    /// <param name="x">The images, (M, …).</param>
    /// <param name="all">The number of images of the set.</param>
    internal Constraint Part(long first, Tensor x, long all)
    {
        return new()
        {
            Levels = Levels, _texts = _texts, _masks = Rows(_masks), _lower = Rows(_lower), _upper = Rows(_upper), _radii = Rows(_radii),
        };

        IReadOnlyList<StoredTensor> Rows(IReadOnlyList<StoredTensor> parts) =>
            [.. parts.Select(part => part.Rank == x.dim() && part.Count == all && all > 1 ? part.Rows(first, x.shape[0]) : part)];
    }

    /// <summary>The originals in their box, and the box of each, (N, …): the smallest and largest values, equal where an element must not change.</summary>
    /// <param name="x">The originals, on the lattice if there is one. What they miss of the box by rounding is corrected.</param>
    /// <param name="bounds">The bounds of the model.</param>
    /// <param name="lattice">The lattice, or null.</param>
    /// <exception cref="ArgumentException">A part does not fit the images or the model, or an original breaks it.</exception>
    internal (Tensor Original, Tensor Lower, Tensor Upper) Box(Tensor x, Bounds bounds, Lattice? lattice)
    {
        using var scope = NewDisposeScope();
        var (lower, upper) = (full_like(x, bounds.Lower), full_like(x, bounds.Upper));
        foreach (var part in _lower) lower = maximum(lower, part.Within(x, bounds, "lower bounds"));
        foreach (var part in _upper) upper = minimum(upper, part.Within(x, bounds, "upper bounds"));
        if (lattice is not null) (lower, upper) = (lattice.AtLeast(lower), lattice.AtMost(upper));
        ConstraintRules.RequireInside(x, lower, upper, bounds);
        var original = maximum(minimum(x, upper), lower);
        foreach (var part in _radii)
        {
            var radius = part.On(original, "radius");
            (lower, upper) = (maximum(lower, original - radius), minimum(upper, original + radius));
        }

        if (_radii.Count > 0 && lattice is not null) (lower, upper) = (lattice.AtLeast(lower), lattice.AtMost(upper));
        foreach (var part in _masks)
        {
            var free = part.On(original, "mask").to_type(ScalarType.Bool);
            (lower, upper) = (where(free, lower, original), where(free, upper, original));
        }

        return (original.MoveToOuterDisposeScope(), lower.MoveToOuterDisposeScope(), upper.MoveToOuterDisposeScope());
    }
}
