using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>What <see cref="AdversarialSet"/> demands of its arguments.</summary>
internal static class AdversarialSetRules
{
    public static void Check(Tensor images, Tensor adversarial, Tensor labels, Tensor met, Tensor sizes, Tensor? targets)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(adversarial);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(met);
        ArgumentNullException.ThrowIfNull(sizes);
        if (!images.is_floating_point() || images.dim() < 2 || images.numel() == 0)
            throw new ArgumentException($"images must be floating point of shape (N, …), not empty, but are {Text(images)}.", nameof(images));
        if (!adversarial.shape.SequenceEqual(images.shape) || adversarial.dtype != images.dtype)
            throw new ArgumentException($"adversarial must be {Text(images)}, as images, but is {Text(adversarial)}.", nameof(adversarial));
        var count = images.shape[0];
        Row(labels, count, labels.dtype == ScalarType.Int64, "int64 classes", nameof(labels));
        Row(met, count, met.dtype == ScalarType.Bool, "bool", nameof(met));
        Row(sizes, count, sizes.is_floating_point(), "floating point", nameof(sizes));
        if (targets is not null) Row(targets, count, targets.dtype == ScalarType.Int64, "int64 classes", nameof(targets));
        using var scope = NewDisposeScope();
        Finite(images, nameof(images));
        Finite(adversarial, nameof(adversarial));
        Classes(labels, nameof(labels));
        if (targets is not null) Classes(targets, nameof(targets));
    }

    public static long Highest(Tensor labels, Tensor? targets)
    {
        using var scope = NewDisposeScope();
        return Math.Max(labels.max().ToInt64(), targets?.max().ToInt64() ?? 0);
    }

    public static IReadOnlyList<string> Names(IReadOnlyList<string> names, Tensor labels, Tensor? targets)
    {
        ArgumentNullException.ThrowIfNull(names);
        var highest = Highest(labels, targets);
        return names.Count > highest ? names : throw new ArgumentException(
            $"ClassNames must name each class, but are {names.Count}, and there is a class {highest}.", nameof(names));
    }

    private static void Row(Tensor row, long count, bool type, string wanted, string name)
    {
        if (!type || row.dim() != 1 || row.shape[0] != count)
            throw new ArgumentException($"{name} must be {wanted} of shape ({count},), but are {Text(row)}.", name);
    }

    private static void Finite(Tensor values, string name)
    {
        if (!values.isfinite().all().ToBoolean()) throw new ArgumentException($"{name} must hold finite numbers; some are NaN or infinite.", name);
    }

    // A million bounds the list of names.
    private static void Classes(Tensor classes, string name)
    {
        var (low, high) = (classes.min().ToInt64(), classes.max().ToInt64());
        if (low < 0 || high >= 1_000_000) throw new ArgumentException($"{name} must lie in 0 to 999999; they span [{low}, {high}].", name);
    }

    private static string Text(Tensor tensor) => $"{tensor.dtype} of shape ({string.Join(", ", tensor.shape)})";
}
