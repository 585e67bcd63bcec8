using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Runs one protocol, or all, each in a subfolder of its own.</summary>
public sealed class ProtocolRun(RunSettings settings, IRunDisplay display, CancellationToken cancellation)
{
    /// <summary>Every protocol, by name.</summary>
    public static IReadOnlyList<IProtocol> All { get; } =
    [
        .. typeof(IProtocol).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsInterface: false } && typeof(IProtocol).IsAssignableFrom(type))
            .Select(type => (IProtocol)Activator.CreateInstance(type)!).OrderBy(protocol => protocol.Name, StringComparer.Ordinal),
    ];

    public async Task Execute()
    {
        var chosen = settings.Protocol == "all" ? All : [.. All.Where(protocol => protocol.Name == settings.Protocol)];
        if (chosen.Count == 0) throw new UserError(
            $"--protocol '{settings.Protocol}' is not known. Known: {string.Join(", ", All.Select(protocol => protocol.Name))}, all.");
        var able = chosen.Where(Runs).ToArray();
        if (able.Length == 0) throw new UserError(string.Join(" ", chosen.Select(Refusal)));
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        if (settings.Protocol == "all") await RunAll(able, chosen.Except(able).ToDictionary(protocol => protocol.Name, Refusal),
            RunFolder.Open(settings, settings.DataSet));
        else await RunOne(able[0]);
    }

    // Nothing is written before the data are there.
    private async Task RunOne(IProtocol protocol)
    {
        using var data = await Load(protocol);
        var folder = RunFolder.Open(settings, settings.DataSet);
        Tell(Run(protocol, data, folder, folder.Report), folder.Report);
    }

    // Each in a subfolder; what cannot run is named on the page over all of them.
    private async Task RunAll(IReadOnlyList<IProtocol> able, Dictionary<string, string> leftOut, RunFolder folder)
    {
        foreach (var refusal in leftOut.Values) display.Say($"[yellow]{refusal}[/] It is left out.");
        var reports = new List<ProtocolReport>();
        foreach (var protocol in able)
        {
            try
            {
                using var data = await Load(protocol);
                reports.Add(Run(protocol, data, folder, Path.Combine(folder.Report, protocol.Name)));
                Tell(reports[^1], Path.Combine(folder.Report, protocol.Name));
            }
            catch (UserError error)
            {
                leftOut[protocol.Name] = error.Message;
                display.Say($"[yellow]{protocol.Name} is left out: {error.Message}[/]");
            }
        }
        if (reports.Count == 0) throw new UserError(string.Join(" ", leftOut.Values.Distinct()));
        var all = new ProtocolSummary(reports, leftOut).Make(settings.Command(settings.DataSet, "all"));
        ProtocolFiles.Save(all, folder.Report);
        Tell(all, folder.Report);
    }

    private bool Runs(IProtocol protocol) => settings.DataSet is "auto" or "synthetic" || protocol.DataSets.Contains(settings.DataSet);

    private string Refusal(IProtocol protocol) =>
        $"--dataset {settings.DataSet} is not one that the protocol '{protocol.Name}' runs on: {string.Join(", ", protocol.DataSets)}, synthetic.";

    private void Tell(ProtocolReport report, string folder)
    {
        display.Say($"[bold]{report.Page.Title}[/]");
        display.Say($"Report: [link]{Path.GetFullPath(Path.Combine(folder, "protocol.html"))}[/] (also protocol.md, protocol.json)");
    }

    private Task<RunData> Load(IProtocol protocol) =>
        RunData.Load(settings, settings.Preset == "smoke" ? 2_000 : 60_000, settings.Preset == "smoke" ? 1_000 : 10_000, protocol.DataSets[0], cancellation);

    private ProtocolReport Run(IProtocol protocol, RunData data, RunFolder folder, string reportFolder)
    {
        var sizes = protocol.Sizes(settings.Preset, data.Key, settings.Images);
        display.Say($"[bold]{protocol.Name}[/] on [bold]{data.Test.Name}[/], preset [bold]{settings.Preset}[/]: {sizes}");
        display.Say($"Work is kept in {settings.Out}; Ctrl-C and --resume at any time.");
        var report = protocol.Run(new ProtocolContext(settings, protocol, data, folder.Protocol(protocol.Name), display, cancellation));
        ProtocolFiles.Save(report, reportFolder);
        return report;
    }
}
