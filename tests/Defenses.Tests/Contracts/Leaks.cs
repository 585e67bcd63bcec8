using TorchSharp;

namespace Defenses.Tests.Contracts;

/// <summary>Law 7: after a public call the number of live tensors has grown only by the result.</summary>
internal static class Leaks
{
    internal static void None(Action action, int allowed = 0)
    {
        action();   // caches fill once
        var before = Live();
        action();
        (Live() - before).Should().Be(allowed, "no tensor may be left behind");
    }

    internal static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
