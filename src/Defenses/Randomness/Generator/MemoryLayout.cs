using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>The memory layout of images: (N, C, H, W) in order, or channels last.</summary>
internal static class MemoryLayout
{
    /// <summary>Whether a tensor (N, C, H, W) is stored as (N, H, W, C), without gaps.</summary>
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

    /// <summary>Whether the CPU can read and write the numbers in place: single precision in host memory, below 2 GiB.</summary>
    internal static bool IsPlain(Tensor x) =>
        x.dtype == ScalarType.Float32 && x.device_type == TorchSharp.DeviceType.CPU && x.numel() < 1 << 29;
}
