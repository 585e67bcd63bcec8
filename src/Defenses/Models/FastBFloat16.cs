using System.Collections.Concurrent;
using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Whether a device is faster in bfloat16 than in float32: measured once for each kind of device, on a convolution with its input gradient.</summary>
/// <remarks>Processors without instructions for bfloat16 compute it too, but several times as slowly; names and flags of processors do not tell.</remarks>
internal static class FastBFloat16
{
    private const int Rounds = 5;
    private const double LargestShare = 0.8;   // a smaller gain is not worth the digits
    private static readonly ConcurrentDictionary<DeviceType, Lazy<bool>> s_found = new();

    /// <summary>Whether bfloat16 is faster on the device.</summary>
    internal static bool On(Device device) => s_found.GetOrAdd(device.type, _ => new Lazy<bool>(() => Measure(device))).Value;

    /// <summary>Whether the time in bfloat16 is a gain over that in float32.</summary>
    internal static bool IsGain(TimeSpan bfloat16, TimeSpan float32) => bfloat16 < LargestShare * float32;

    // The shortest of several times, one type after the other, so that other work on the machine counts least.
    private static bool Measure(Device device)
    {
        var (bfloat16, float32) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round <= Rounds; round++)
        {
            var (half, whole) = (Time(device, ScalarType.BFloat16), Time(device, ScalarType.Float32));
            if (round > 0) (bfloat16, float32) = (Shorter(bfloat16, half), Shorter(float32, whole));   // the first round warms up
        }

        return IsGain(bfloat16, float32);
    }

    private static TimeSpan Time(Device device, ScalarType type)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var weight = ones([32, 32, 3, 3], dtype: type, device: device);
        var x = ones([4, 32, 28, 28], dtype: type, device: device).requires_grad_(true);
        var start = Stopwatch.GetTimestamp();
        var sum = nn.functional.conv2d(x, weight).sum();
        autograd.grad([sum], [x])[0].sum().ToDouble();   // the number is there when the device has finished
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
