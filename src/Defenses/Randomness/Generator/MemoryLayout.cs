using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>How images lie in memory: (N, C, H, W) in order, or with the channels last.</summary>
internal static class MemoryLayout
{
    /// <summary>Whether a tensor (N, C, H, W) lies in memory as (N, H, W, C), without gaps.</summary>
    internal static bool IsChannelsLast(Tensor x)
    {
        if (x.dim() != 4 || x.is_contiguous()) return false;
        var (shape, stride) = (x.shape, x.stride());
        return stride[1] == 1 && stride[3] == shape[1] && stride[2] == shape[3] * stride[3] && stride[0] == shape[2] * stride[2];
    }

    /// <summary>The tensor's memory in order: a view (N, H, W, C) of a channels-last tensor, else the tensor made contiguous.</summary>
    internal static Tensor InMemoryOrder(Tensor x, bool channelsLast) => (channelsLast ? x.permute(0, 2, 3, 1) : x).contiguous();

    /// <summary>Undoes <see cref="InMemoryOrder"/>.</summary>
    internal static Tensor InIndexOrder(Tensor memory, bool channelsLast) => channelsLast ? memory.permute(0, 3, 1, 2) : memory;

    /// <summary>Whether the numbers can be read and written in place by the processor: single precision in host memory, below 2 GiB.</summary>
    internal static bool IsPlain(Tensor x) =>
        x.dtype == ScalarType.Float32 && x.device_type == TorchSharp.DeviceType.CPU && x.numel() < 1 << 29;
}
