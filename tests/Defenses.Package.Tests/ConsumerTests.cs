using System.Runtime.InteropServices;
using Defenses.Package.Tests.Consumer;

namespace Defenses.Package.Tests;

/// <summary>What a user does: a fresh application restores the packages, builds, runs and publishes.</summary>
[Collection(nameof(Workplace))]
public sealed class ConsumerTests(Workplace workplace)
{
    [Fact]
    public void The_readmes_program_runs()
    {
        var output = Command.Run(workplace.Readme, "dotnet", "run", "-c", "Release").ReplaceLineEndings("\n");
        foreach (var title in new[] { "as it was", "with pruning, attacked through one draw a step", "with pruning, attacked through the mean of ten" })
        {
            output.Should().MatchRegex($@"{title}:\n  recognised [\d.]+ % \[[\d., ]+\], under attack [\d.]+ % \[[\d., ]+\]\n");
        }
    }

    [Fact]
    public void A_retrofit_of_resnet18_runs_and_is_undone() => ShouldHold(Command.Run(workplace.Retrofit, "dotnet", "run", "-c", "Release"));

    [Fact]
    public void A_published_application_runs() => Published("published", [], folder => ShouldHold(Command.Run(folder, "dotnet", "retrofit.dll")));

    [Fact]
    public void An_application_published_for_this_system_runs()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64) return;   // the folder's layout differs on Linux only
        Published("published-linux", ["-r", "linux-x64", "--self-contained", "false"],
            folder => ShouldHold(Command.Run(folder, Path.Combine(folder, "retrofit"))));
    }

    // Removed at once: each holds a libtorch of more than half a gigabyte.
    private void Published(string name, string[] options, Action<string> check)
    {
        var folder = Path.Combine(workplace.Folder, name);
        try
        {
            Command.Run(workplace.Retrofit, "dotnet", ["publish", "-c", "Release", .. options, "-o", folder]);
            check(folder);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private static void ShouldHold(string output)
    {
        output.Should().MatchRegex(@"recognised under attack: [\d.]+ % \[");
        output.Split('\n').Count(line => line.StartsWith("OK: ", StringComparison.Ordinal)).Should().Be(8, because: output);
    }
}
