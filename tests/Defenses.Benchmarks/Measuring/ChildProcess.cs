using System.Diagnostics;
using System.Globalization;

namespace Defenses.Benchmarks.Measuring;

/// <summary>This program again, in a process of its own: a process's peak of memory never falls.</summary>
internal static class ChildProcess
{
    /// <summary>The whole numbers that it prints.</summary>
    public static long[] Numbers(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ChildProcess).Assembly.Location, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_GCgen0size"] = "0x400000";   // or .NET takes its time, up to the size of the cache, before it first collects
        using var child = Process.Start(start)!;
        var printed = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? [.. printed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(text => long.Parse(text, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended with exit code {child.ExitCode}: {printed}");
    }
}
