using Spectre.Console;
using static TorchSharp.torch;

namespace DefenseBench.Protocols;

/// <summary>Runs one protocol, or all, each in a subfolder of its own.</summary>
internal sealed class ProtocolRun(RunSettings settings, CancellationToken cancellation)
{
    private readonly Display _display = new(AnsiConsole.Console);

    /// <summary>Every protocol, by name.</summary>
    internal static IReadOnlyList<IProtocol> All { get; } =
    [
        .. typeof(IProtocol).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsInterface: false } && typeof(IProtocol).IsAssignableFrom(type))
            .Select(type => (IProtocol)Activator.CreateInstance(type)!).OrderBy(protocol => protocol.Name, StringComparer.Ordinal),
    ];

    internal async Task Execute()
    {
        var chosen = settings.Protocol == "all" ? All : [.. All.Where(protocol => protocol.Name == settings.Protocol)];
        if (chosen.Count == 0) throw new UserError($"--protocol '{settings.Protocol}' is not known. Known: {string.Join(", ", All.Select(protocol => protocol.Name))}, all.");
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        var folder = RunFolder.Open(settings, settings.DataSet);
        foreach (var protocol in chosen) await Run(protocol, folder, chosen.Count > 1 ? Path.Combine(folder.Report, protocol.Name) : folder.Report);
    }

    private async Task Run(IProtocol protocol, RunFolder folder, string reportFolder)
    {
        if (settings.DataSet is not ("auto" or "synthetic") && !protocol.DataSets.Contains(settings.DataSet))
            throw new UserError($"--dataset {settings.DataSet} is not one that the protocol '{protocol.Name}' runs on: {string.Join(", ", protocol.DataSets)}, synthetic.");
        using var data = await Digits.Load(settings, settings.Preset == "smoke" ? 2_000 : 60_000, settings.Preset == "smoke" ? 1_000 : 10_000, protocol.DataSets[0], cancellation);
        _display.Say($"[bold]{protocol.Name}[/] on [bold]{data.Test.Name}[/], preset [bold]{settings.Preset}[/]: {protocol.Sizes(settings.Preset, data.Key)}");
        _display.Say($"Work is kept in {settings.Out}; Ctrl-C and --resume at any time.");
        var report = protocol.Run(new ProtocolContext(settings, protocol, data, folder.Protocol(protocol.Name), _display, cancellation));
        ProtocolFiles.Save(report, reportFolder);
        _display.Say($"[bold]{report.Page.Title}[/]");
        _display.Say($"Report: [link]{Path.GetFullPath(Path.Combine(reportFolder, "protocol.html"))}[/] (also protocol.md, protocol.json)");
    }
}
