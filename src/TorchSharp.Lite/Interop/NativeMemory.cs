namespace TorchSharp;

/// <summary>
/// The safety net under forgotten tensors: the garbage collector sees a wrapper of a few bytes where libtorch holds megabytes, so
/// when the memory behind living wrappers has doubled since the last time, the collector is told to run.
/// (GC.AddMemoryPressure would collect every few megabytes however diligently the program disposes.)
/// </summary>
internal static class NativeMemory
{
    private const long LeastKib = 512 * 1024;

    private static long s_live;
    private static long s_limit = LeastKib;
    private static int s_collecting;

    /// <summary>Memory behind living wrappers in KiB.</summary>
    internal static long Live => Volatile.Read(ref s_live);

    internal static void Add(int kib)
    {
        if (Interlocked.Add(ref s_live, kib) > Volatile.Read(ref s_limit)) Relieve();
    }

    internal static void Remove(int kib) => Interlocked.Add(ref s_live, -kib);

    private static void Relieve()
    {
        if (Interlocked.Exchange(ref s_collecting, 1) != 0) return;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Volatile.Write(ref s_limit, Math.Max(LeastKib, 2 * Live));
        Volatile.Write(ref s_collecting, 0);
    }
}
