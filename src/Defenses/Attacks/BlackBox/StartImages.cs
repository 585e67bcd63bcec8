using System.Globalization;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Images at which a decision-based attack may start: any that the model takes for another class, or for the target.</summary>
/// <remarks>
/// Example i tries them in turn, beginning with image i (modulo their number), until one meets its goal; so one image for each example works as well as a
/// few pictures of other classes for all of them.
/// </remarks>
public sealed class StartImages
{
    /// <summary>Images to start at.</summary>
    /// <param name="images">(M, …), in the shape, type and bounds of the attacked images. Not owned.</param>
    /// <exception cref="ArgumentException"><paramref name="images"/> is no batch of floating point numbers.</exception>
    public StartImages(Tensor images) => Images = Require.Batch(images, nameof(images));

    /// <summary>The images, (M, …).</summary>
    public Tensor Images { get; }

    /// <summary>Their number and their mean, so that the options of two attacks with different starts do not print alike.</summary>
    public override string ToString()
    {
        using var mean = Images.mean();
        return string.Create(CultureInfo.InvariantCulture, $"{Images.shape[0]} images with mean {mean.ToDouble():G6}");
    }

    /// <summary>Throws where the images do not fit those of a run.</summary>
    internal void RequireFor(Tensor original, Bounds bounds)
    {
        if (!Images.shape.AsSpan(1).SequenceEqual(original.shape.AsSpan(1)) || Images.dtype != original.dtype || Images.device_type != original.device_type)
            throw new ArgumentException(
                $"Start must hold images as those that are attacked, {Require.Shape(original)} of {original.dtype} on {original.device}; " +
                $"it holds {Require.Shape(Images)} of {Images.dtype} on {Images.device}.", "Start");
        Require.Images(Images, bounds.Lower, bounds.Upper, "Start");
    }

    /// <summary>The image that each of so many examples tries in a turn, (count, …).</summary>
    internal Tensor Of(long count, long turn)
    {
        using var scope = NewDisposeScope();
        var rows = (arange(count, dtype: ScalarType.Int64, device: Images.device) + turn).remainder(Images.shape[0]);
        return Images.index_select(0, rows).MoveToOuterDisposeScope();
    }
}
