using System.Globalization;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses;

/// <summary>Argument checks: each names the argument, the rule and the value, and returns the value when it holds.</summary>
internal static class Require
{
    internal static T AtLeast<T>(T value, T minimum, string name) where T : INumber<T> =>
        value >= minimum ? value : throw Out(name, value, $"must be at least {Text(minimum)}");

    internal static T Positive<T>(T value, string name) where T : INumber<T> =>
        value > T.Zero && T.IsFinite(value) ? value : throw Out(name, value, "must be a finite number above 0");

    internal static T NotNegative<T>(T value, string name) where T : INumber<T> =>
        value >= T.Zero && T.IsFinite(value) ? value : throw Out(name, value, "must be a finite number, 0 or above");

    /// <summary>lower ≤ value ≤ upper.</summary>
    internal static T Within<T>(T value, T lower, T upper, string name) where T : INumber<T> =>
        value >= lower && value <= upper ? value : throw Out(name, value, $"must lie in [{Text(lower)}, {Text(upper)}]");

    /// <summary>lower ≤ value &lt; upper.</summary>
    internal static T Below<T>(T value, T lower, T upper, string name) where T : INumber<T> =>
        value >= lower && value < upper ? value : throw Out(name, value, $"must lie in [{Text(lower)}, {Text(upper)})");

    internal static T NotNull<T>(T? value, string name) where T : class => value ?? throw new ArgumentNullException(name);

    internal static IReadOnlyList<T> NotEmpty<T>(IReadOnlyList<T>? values, string name)
    {
        NotNull(values, name);
        return values!.Count > 0 ? values : throw new ArgumentException($"{name} must have at least one element; it is empty.", name);
    }

    /// <summary>A tensor of floating point numbers, of any shape. Values are not read.</summary>
    internal static Tensor FloatingPoint(Tensor? x, string name)
    {
        NotNull(x, name);
        return x!.is_floating_point() ? x : throw new ArgumentException(
            $"{name} must be floating point; it is {x.dtype}. Convert with x.to_type(ScalarType.Float32).", name);
    }

    /// <summary>Floating point numbers of shape (N, …), two dimensions or more; N may be 0. Values are not read.</summary>
    internal static Tensor Rows(Tensor? x, string name) => FloatingPoint(x, name).dim() >= 2
        ? x!
        : throw new ArgumentException($"{name} must be a batch of shape (N, …), at least two dimensions; it has shape {Shape(x!)}.", name);

    /// <summary>Floating point numbers of shape (N, C, H, W); N may be 0. Values are not read.</summary>
    internal static Tensor ImageBatch(Tensor? x, string name) => FloatingPoint(x, name).dim() == 4
        ? x!
        : throw new ArgumentException($"{name} must be a batch of images, (N, C, H, W); it has shape {Shape(x!)}.", name);

    /// <summary>A batch (N, …) of floating point numbers with at least one example. Values are not read.</summary>
    internal static Tensor Batch(Tensor? x, string name)
    {
        NotNull(x, name);
        if (x!.dim() < 2)
            throw new ArgumentException($"{name} must be a batch of shape (N, …), at least two dimensions; it has shape {Shape(x)}.", name);
        if (x.shape[0] == 0 || x.numel() == 0)
            throw new ArgumentException($"{name} must hold at least one example; it has shape {Shape(x)}.", name);
        return FloatingPoint(x, name);
    }

    /// <summary>A batch as above, without NaN, every value within the bounds (up to rounding).</summary>
    internal static Tensor Images(Tensor? x, double lower, double upper, string name)
    {
        Batch(x, name);
        if (x!.dtype is ScalarType.Float16 or ScalarType.BFloat16)
            throw new ArgumentException($"{name} must be Float32 or Float64; they are {x.dtype}, too coarse for small changes. Convert them with " +
                "x.to_type(ScalarType.Float32); the weights of a network may stay in 16 bits.", name);
        using var scope = NewDisposeScope();
        var (low, high) = (x!.min().ToDouble(), x.max().ToDouble());
        var slack = 1e-5 * (upper - lower);
        if (double.IsNaN(low) || double.IsNaN(high))
            throw new ArgumentException($"{name} must hold numbers; it contains NaN.", name);
        if (low < lower - slack || high > upper + slack)
            throw new ArgumentOutOfRangeException(name, string.Create(CultureInfo.InvariantCulture,
                $"{name} must lie within the model's bounds [{lower}, {upper}]; its values span [{low}, {high}]. " +
                $"Give images in the units of the bounds and put normalisation into the classifier's preprocessing."));
        return x;
    }

    /// <summary>Class numbers: shape (N,), int64, each in [0, classes).</summary>
    internal static Tensor Labels(Tensor? labels, long count, long classes, string name)
    {
        NotNull(labels, name);
        if (labels!.dim() != 1 || labels.shape[0] != count)
            throw new ArgumentException($"{name} must have shape ({count},), one class per example; it has shape {Shape(labels)}.{LabelCure(labels)}", name);
        if (labels.dtype != ScalarType.Int64)
            throw new ArgumentException($"{name} must be Int64; it is {labels.dtype}. Convert with labels.to_type(ScalarType.Int64).", name);
        using var scope = NewDisposeScope();
        var (low, high) = (labels.min().ToInt64(), labels.max().ToInt64());
        if (low < 0 || high >= classes)
            throw new ArgumentOutOfRangeException(name, $"{name} must lie in [0, {classes}) for a model of {classes} classes; they span [{low}, {high}].");
        return labels;
    }

    /// <summary>Labels to train on or to measure with: (N,) int64 classes, or (N, classes) probabilities in floating point. Looks at no values.</summary>
    internal static Tensor ClassesOrProbabilities(Tensor? labels, long count, string name)
    {
        NotNull(labels, name);
        var right = labels!.dim() == 1 ? labels.dtype == ScalarType.Int64 : labels.dim() == 2 && labels.is_floating_point() && labels.shape[1] > 1;
        if (right && labels.shape[0] == count) return labels;
        throw new ArgumentException($"{name} must be classes, ({count},) Int64, or probabilities, ({count}, classes) in floating point with two classes or "
            + $"more; {name} has shape {Shape(labels)} and is {labels.dtype}.{LabelCure(labels)}", name);
    }

    /// <summary>The class of each example, (N,): the labels themselves, or the most probable class of each row. Refuses labels as above.</summary>
    internal static Tensor Classes(Tensor? labels, string name)
    {
        ClassesOrProbabilities(labels, labels?.dim() > 0 ? labels.shape[0] : 0, name);
        return labels!.dim() == 2 ? labels.argmax(1) : labels;
    }

    internal static string Shape(Tensor x) => $"({string.Join(", ", x.shape)})";

    private static string LabelCure(Tensor labels) => labels.dim() switch
    {
        2 when labels.shape[1] == 1 => " Make it flat: labels.flatten().to_type(ScalarType.Int64).",
        2 when !labels.is_floating_point() => " Take the class of each row: labels.argmax(1).",
        _ => "",
    };

    private static ArgumentOutOfRangeException Out<T>(string name, T value, string rule) where T : INumber<T> =>
        new(name, value, $"{name} {rule}; it is {Text(value)}.");

    private static string Text<T>(T value) where T : INumber<T> => value.ToString(null, CultureInfo.InvariantCulture);
}
