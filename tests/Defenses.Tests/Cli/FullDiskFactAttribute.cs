using System.Diagnostics;

namespace Defenses.Tests.Cli;

/// <summary>A test that needs a small disk of its own, a tmpfs in a user's namespace; where that cannot be had, it is reported as skipped with the
/// reason.</summary>
public sealed class FullDiskFactAttribute : FactAttribute
{
    private const string Command = "unshare -Urm mount -t tmpfs";
    private static readonly Lazy<bool> s_can = new(Can);

    public FullDiskFactAttribute()
    {
        if (!s_can.Value) Skip = $"needs a small disk of its own ({Command}), which this machine does not allow";
    }

    private static bool Can()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", [.. Command.Split(' ')[1..], "-o", "size=64k", "tmpfs",
                Path.GetTempPath()]) { RedirectStandardError = true })!;
            return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;   // no such program
        }
    }
}
