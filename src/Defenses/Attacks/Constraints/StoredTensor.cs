using System.Globalization;
using System.Security.Cryptography;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A copy of a tensor in managed memory: it changes with nothing, and needs no disposal.</summary>
internal sealed class StoredTensor
{
    private readonly byte[] _bytes;
    private readonly long[] _shape;
    private readonly ScalarType _dtype;

    private StoredTensor(byte[] bytes, long[] shape, ScalarType dtype) => (_bytes, _shape, _dtype) = (bytes, shape, dtype);

    /// <summary>The number of dimensions.</summary>
    internal int Rank => _shape.Length;

    /// <summary>The size of the first dimension; 1 for a single number.</summary>
    internal long Count => _shape.Length == 0 ? 1 : _shape[0];

    /// <summary>The beginning of a hash of the values.</summary>
    internal string Hash => Convert.ToHexString(SHA256.HashData(_bytes), 0, 4);

    /// <summary>Copies a tensor.</summary>
    internal static StoredTensor Of(Tensor values)
    {
        using var scope = NewDisposeScope();
        return new StoredTensor(values.detach().cpu().contiguous().bytes.ToArray(), values.shape, values.dtype);
    }

    /// <summary>Some of the rows.</summary>
    internal StoredTensor Rows(long first, long count)
    {
        var row = _bytes.Length / (int)Count;
        return new StoredTensor(_bytes.AsSpan((int)first * row, (int)count * row).ToArray(), [count, .. _shape[1..]], _dtype);
    }

    /// <summary>The values for images: broadcast to the images' shape, in their dtype and on their device.</summary>
    /// <param name="images">(N, …).</param>
    /// <param name="what">The name of the part, for the message.</param>
    /// <exception cref="ArgumentException">The shape does not fit one image or the images.</exception>
    internal Tensor On(Tensor images, string what)
    {
        long[] image = images.shape[1..];
        if (_shape.Length > images.dim() || !Fits(_shape.Length == images.dim() ? images.shape : image))
            throw new ArgumentException(
                $"constraint does not fit the images: the shape of its {what}, ({string.Join(", ", _shape)}), must be that of one image, " +
                $"({string.Join(", ", image)}), broadcast to it, or be {Require.Shape(images)}, with one row for each image.", ConstraintRules.Name);
        using var scope = NewDisposeScope();
        var values = empty(_shape, dtype: _dtype);
        _bytes.CopyTo(values.bytes);
        return values.to(images.device).to_type(images.dtype).expand(images.shape).alias().MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="On"/>, for bounds, which must lie within those of the model.</summary>
    internal Tensor Within(Tensor images, Bounds bounds, string what)
    {
        using var scope = NewDisposeScope();
        var values = On(images, what);
        var (low, high) = (values.min().ToDouble(), values.max().ToDouble());
        return low >= bounds.Lower - ConstraintRules.Slack * bounds.Range && high <= bounds.Upper + ConstraintRules.Slack * bounds.Range
            ? values.clamp(bounds.Lower, bounds.Upper).MoveToOuterDisposeScope()
            : throw new ArgumentOutOfRangeException(ConstraintRules.Name, string.Create(CultureInfo.InvariantCulture,
                $"constraint must keep within the model's bounds [{bounds.Lower}, {bounds.Upper}]; its {what} span [{low}, {high}]. " +
                $"Give them in the units of the model's bounds."));
    }

    /// <summary>Whether two shapes broadcast to a common one.</summary>
    internal static bool Broadcasts(long[] first, long[] second) =>
        first.Reverse().Zip(second.Reverse(), (a, b) => a == b || a == 1 || b == 1).All(fits => fits);

    /// <summary>A tensor with at least one value.</summary>
    internal static Tensor NotEmpty(Tensor? values, string name) => Require.NotNull(values, name).numel() > 0
        ? values!
        : throw new ArgumentException($"{name} must have at least one value; it has shape {Require.Shape(values!)}.", name);

    /// <summary>Floating point numbers, finite, at least one.</summary>
    internal static Tensor Finite(Tensor? values, string name)
    {
        Require.FloatingPoint(NotEmpty(values, name), name);
        using var finite = values!.isfinite().all();
        return finite.ToBoolean() ? values : throw new ArgumentException($"{name} must hold finite numbers; some are NaN or infinite.", name);
    }

    // Broadcast from the last dimension on; the images' number of rows is 1 or exactly theirs.
    private bool Fits(long[] target) => _shape.Length <= target.Length
        && _shape.Reverse().Zip(target.Reverse(), (own, wanted) => own == wanted || own == 1).All(fits => fits);
}
