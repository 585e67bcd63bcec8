using System.CommandLine;
using DefenseBench.Protocols;

namespace DefenseBench.Commands;

/// <summary>The options of <c>run</c>.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Data = Shared.Data();
    private static readonly Option<string> DataSet = Shared.DataSet(), Out = Shared.Out("latest");
    private static readonly Option<bool> Download = Shared.Download(), Resume = Shared.Resume(), Overwrite = Shared.Overwrite();
    private static readonly Option<ulong> Seed = Shared.Seed();
    private static readonly Option<int> Threads = Shared.Threads();

    private static readonly Option<string> Size = new("--preset")
    {
        Description = "quick: some minutes, few images, wide intervals. paper: the full protocol, many hours on a CPU.",
        DefaultValueFactory = _ => "quick",
    };

    private static readonly Option<string[]> Only = new("--defense")
    {
        Description = "Only these defenses, by name (may be given several times). The unprotected network is always measured.",
        HelpName = "name",
    };

    private static readonly Option<string?> Protocol = new("--protocol")
    {
        Description = $"Run the experiments of a paper again instead, with its numbers beside ours, and write protocol.json, protocol.md and protocol.html: "
            + $"{string.Join(", ", ProtocolRun.All.Select(protocol => protocol.Name))}, or all (each in a subfolder).",
        HelpName = "name",
    };

    internal static Command Create()
    {
        Size.AcceptOnlyFromAmong("smoke", "quick", "paper");
        var command = new Command("run", "Measure a network before and after protecting it, and write report.json, report.md and report.html.")
        {
            Protocol, Data, DataSet, Download, Size, Seed, Out, Resume, Overwrite, Only, Threads,
        };
        command.SetAction((parsed, cancellation) => Shared.Guard(cancellation, $"Finished work is kept in {parsed.GetValue(Out)}; go on with the same command and --resume.",
            stop => Invoke(Settings(parsed), stop)));
        return command;
    }

    private static Task Invoke(RunSettings settings, CancellationToken stop) =>
        settings.Protocol is null ? new Run(settings, stop).Execute() : new ProtocolRun(settings, stop).Execute();

    private static RunSettings Settings(ParseResult parsed) => new(
        parsed.GetValue(DataSet)!, parsed.GetValue(Data), parsed.GetValue(Download), parsed.GetValue(Size)!, parsed.GetValue(Seed),
        parsed.GetValue(Out)!, parsed.GetValue(Resume), parsed.GetValue(Overwrite), parsed.GetValue(Only) ?? [], parsed.GetValue(Threads))
    {
        Protocol = parsed.GetValue(Protocol),
    };
}
