using Defenses.Cli;
using Defenses.Papers;
using Spectre.Console;

namespace Defenses.Tests.Papers;

/// <summary>Protocols at their smallest, in this process and silent.</summary>
internal static class SmokeRun
{
    /// <summary>The context of a protocol on synthetic digits or what else is given.</summary>
    internal static ProtocolContext Context(IProtocol protocol, ulong seed, RunData data, string folder) =>
        new(Settings(seed, folder), protocol, data, folder,
            new Display(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) })), default);

    /// <summary>Synthetic digits, so many to train on and to test with.</summary>
    internal static async Task<RunData> Data(ulong seed, int training, int test) => await RunData.Load(Settings(seed, ""), training, test, "mnist", default);

    /// <summary>Runs a protocol, throws away the last third of what it wrote, as if it had been killed before, and runs it again: it must end with
    /// the same report.</summary>
    internal static ProtocolReport EndsAlikeWhenItsEndIsLost(Func<ProtocolReport> run, string folder)
    {
        var whole = run();
        var files = new DirectoryInfo(folder).GetFiles("*", SearchOption.AllDirectories).OrderBy(file => file.LastWriteTimeUtc).ToArray();
        files.Should().HaveCountGreaterThan(3, "or the test tests nothing");
        foreach (var file in files.Skip(2 * files.Length / 3)) file.Delete();
        ProtocolFiles.Write(run() with { Timing = null }).Should().Be(ProtocolFiles.Write(whole with { Timing = null }));
        return whole;
    }

    private static RunSettings Settings(ulong seed, string folder) => new("synthetic", null, false, "smoke", seed, folder, false, false, [], 1);
}
