using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>The number types of images and weights, and in words why torch could not run a network on a batch.</summary>
internal static class NumberTypes
{
    /// <summary>The exception in words; null where the batch fits the network.</summary>
    internal static Exception? Explain(nn.Module network, Tensor x, ExternalException error)
    {
        if (x.IsInvalid || !x.is_floating_point()) return null;
        if (IsHalf(x.dtype) && error.Message.Contains("not implemented for", StringComparison.Ordinal))
            return new NotSupportedException(
                $"torch cannot run the network on {x.dtype} here: {FirstLine(error)}. Convert it with network.to(ScalarType.Float32).", error);
        if (Weight(network) is not { } weight) return null;
        if (weight.dtype != x.dtype)
            return new ArgumentException(
                $"The images must have the number type of the network's weights, {weight.dtype}; they have {x.dtype}. " +
                $"Convert the images with x.to_type(ScalarType.{weight.dtype}), or the network with network.to(ScalarType.{x.dtype}).", nameof(x), error);
        return weight.device_type == x.device_type ? null : new ArgumentException(
            $"The images must be on the device of the network, {weight.device}; they are on {x.device}. Move one with .to(...).", nameof(x), error);
    }

    /// <summary>The first weight in floating point; null without one.</summary>
    internal static Tensor? Weight(nn.Module network) => network.parameters().FirstOrDefault(parameter => parameter.is_floating_point());

    /// <summary>Whether numbers have 16 bits.</summary>
    internal static bool IsHalf(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16;

    private static string FirstLine(ExternalException error) => error.Message.Split('\n')[0].Trim().TrimEnd('.');
}
