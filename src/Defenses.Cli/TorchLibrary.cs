using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>Loads torch before any work begins, and says in two lines what is missing and what to install where it does not load.</summary>
internal static partial class TorchLibrary
{
    private static readonly string s_bridge =
        OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";

    /// <summary>In the place of what the loader says: the program has no native library to load.</summary>
    internal const string NoLibrary = "";

    /// <summary>Loads torch: before TorchSharp does, since it prints its whole search, pages of it, when it fails.</summary>
    /// <exception cref="UserError">Torch cannot be loaded.</exception>
    internal static void Load()
    {
        if (LoaderMessage(AppContext.BaseDirectory) is { } message) throw new UserError(Explain(message));
    }

    /// <summary>What is missing, and what to do about it: two lines.</summary>
    /// <param name="message">What the system's loader said, or <see cref="NoLibrary"/>.</param>
    internal static string Explain(string message)
    {
        var (missing, cure) = message switch
        {
            _ when message == NoLibrary => ($"{s_bridge} is not beside the program.",
                "Build the program with the package TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, for this system " +
                $"({RuntimeInformation.RuntimeIdentifier})."),
            _ when message.Contains("GLIBCXX_3.4.32", StringComparison.Ordinal) => ("the system's libstdc++ is older than GCC 13's.",
                "Build the program with -p:LoadTorchOnOlderLinux=true, or install a newer libstdc++6 (GCC 13 or later)."),
            _ when Version().Match(message) is { Success: true } found => ($"the system has no {found.Groups[1].Value}.",
                "Use a newer Linux: glibc 2.34 and libstdc++ of GCC 12 at least (Debian 12, Ubuntu 22.04, RHEL 9)."),
            _ when message.Contains("ld-linux", StringComparison.Ordinal) => ("torch is built for glibc, which this system does not have.",
                "Use a Linux with glibc, such as Debian, Ubuntu or RHEL; Alpine has musl."),
            _ when MissingFile().Match(message) is { Success: true } found => ($"the system has no {found.Groups[1].Value}.",
                $"Install the package that has {found.Groups[1].Value} (libgomp.so.1: libgomp1 on Debian and Ubuntu, libgomp on RHEL)."),
            _ when OperatingSystem.IsWindows() => (FirstLine(message), "Install the Microsoft Visual C++ Redistributable 2015-2022 for x64."),
            _ => (FirstLine(message), $"Install torch for this system ({RuntimeInformation.RuntimeIdentifier}): README's section Install has the packages."),
        };
        return $"torch cannot be loaded: {missing}{Environment.NewLine}{cure}";
    }

    [GeneratedRegex(@"version `((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found")]
    private static partial Regex Version();

    [GeneratedRegex(@"([\w.+-]+\.so[\w.]*): cannot open shared object file")]
    private static partial Regex MissingFile();

    /// <summary>What the system's loader says of the library in a program's folder; null where it loads.</summary>
    internal static string? LoaderMessage(string folder)
    {
        var found = new[] { folder, Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
            Path.Combine(folder, "runtimes", Portable, "native") }
            .Select(place => Path.Combine(place, s_bridge)).FirstOrDefault(File.Exists);
        if (found is null) return NoLibrary;
        try
        {
            NativeLibrary.Load(found);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return error.Message;
        }
    }

    private static string Portable =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-") + RuntimeInformation.OSArchitecture.ToString()
            .ToLowerInvariant();

    // .NET's first lines are about how to look for the cause; the loader's own come after.
    private static string FirstLine(string message) =>
        message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(line => !line.StartsWith("Unable to load", StringComparison.Ordinal), message.Split('\n')[0]);
}
