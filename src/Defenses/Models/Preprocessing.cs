using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Functions that are applied to a model's input before its network.</summary>
public static class Preprocessing
{
    /// <summary>(x − mean) / std per channel: (N, C, …) → (N, C, …).</summary>
    /// <remarks>The function refuses images with another number of channels than the mean has numbers.</remarks>
    /// <param name="mean">One number per channel, or one for all, in the units of the input.</param>
    /// <param name="std">As many numbers as in the mean, each above 0.</param>
    public static Func<Tensor, Tensor> Normalize(IReadOnlyList<double> mean, IReadOnlyList<double> std)
    {
        double[] means = [.. Require.NotEmpty(mean, nameof(mean))], deviations = [.. Require.NotEmpty(std, nameof(std))];
        if (means.Length != deviations.Length)
            throw new ArgumentException($"std must have as many numbers as mean; they have {deviations.Length} and {means.Length}.", nameof(std));
        foreach (var deviation in deviations) Require.Positive(deviation, nameof(std));
        return x =>
        {
            using var scope = NewDisposeScope();
            RequireChannels(x, means.Length);
            if (means.Length == 1) return ((x - means[0]) / deviations[0]).MoveToOuterDisposeScope();
            var shape = Enumerable.Repeat(1L, (int)x.dim()).ToArray();
            shape[1] = means.Length;
            var center = tensor(means, dtype: x.dtype, device: x.device).view(shape);
            var scale = tensor(deviations, dtype: x.dtype, device: x.device).view(shape);
            return ((x - center) / scale).MoveToOuterDisposeScope();
        };
    }

    /// <summary>The input of a network: preprocessed, and converted where its weights have 16 bits. Otherwise the images themselves.</summary>
    /// <exception cref="ArgumentException">The function changes the number of images.</exception>
    internal static Tensor Apply(Func<Tensor, Tensor>? preprocessing, nn.Module network, Tensor x)
    {
        var input = preprocessing is null ? x : preprocessing(x) ?? throw new ArgumentException("preprocessing must return a tensor; it returned null.");
        if (input.dim() == 0 || input.shape[0] != x.shape[0])
            throw new ArgumentException(
                $"preprocessing must give one row for each image; for {Require.Shape(x)} it gave {Require.Shape(input)}. Compare its shapes with those of " +
                "the images: (3,) and (N, 1, 28, 28) broadcast to other shapes.", nameof(preprocessing));
        if (!input.is_floating_point() || NumberTypes.IsHalf(input.dtype)) return input;
        return NumberTypes.Weight(network)?.dtype is { } weights && NumberTypes.IsHalf(weights) ? input.to_type(weights) : input;
    }

    // Grey images would be broadcast to as many channels as there are numbers.
    private static void RequireChannels(Tensor x, int channels)
    {
        if (channels == 1 || (x.dim() >= 2 && x.shape[1] == channels)) return;
        var cure = x.dim() >= 2 && x.shape[1] == 1 ? $" Repeat grey images with x.repeat(1, {channels}, 1, 1), or give one number for all channels." : "";
        throw new ArgumentException(
            $"x must have {channels} channels, (N, {channels}, …), as mean and std have {channels} numbers; it has shape {Require.Shape(x)}.{cure}", nameof(x));
    }
}
