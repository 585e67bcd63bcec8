using TorchSharp;

namespace Defenses.Tests.Zoo;

/// <summary>How many tensors made on this thread are alive.</summary>
internal static class LiveTensors
{
    public static long Count => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
