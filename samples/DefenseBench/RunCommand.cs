using System.CommandLine;
using DefenseBench.Protocols;
using Spectre.Console;

namespace DefenseBench;

/// <summary>The options of <c>run</c>, and how its errors are told.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder with the data sets, as files or in subfolders mnist, fashion-mnist, cifar10. Default: ../shared/data, data, if there is one.",
        HelpName = "folder",
    };

    private static readonly Option<string> DataSet = new("--dataset")
    {
        Description = "What to recognise. 'auto' takes MNIST where it is found and digits drawn by the program otherwise.",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<bool> Download = new("--download")
    {
        Description = "Fetch the data set into the data folder if it is not there (checksums are verified).",
    };

    private static readonly Option<string> Size = new("--preset")
    {
        Description = "quick: some minutes, few images, wide intervals. paper: the full protocol, many hours on a CPU.",
        DefaultValueFactory = _ => "quick",
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "Everything follows from it: data order, weights, attacks, judge.",
        DefaultValueFactory = _ => 1UL,
        HelpName = "number",
    };

    private static readonly Option<string> Out = new("--out")
    {
        Description = "Folder for the report and for the work in progress.",
        DefaultValueFactory = _ => Path.Combine("runs", "latest"),
        HelpName = "folder",
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with the run in the folder, which was stopped or killed. The report is the same as that of a run in one piece.",
    };

    private static readonly Option<bool> Overwrite = new("--overwrite")
    {
        Description = "Start anew in a folder that holds a run.",
    };

    private static readonly Option<string[]> Only = new("--defense")
    {
        Description = "Only these defenses, by name (may be given several times). The unprotected network is always measured.",
        HelpName = "name",
    };

    private static readonly Option<int> Threads = new("--threads")
    {
        Description = "Threads for torch. 0: all cores.",
        DefaultValueFactory = _ => 0,
        HelpName = "number",
    };

    private static readonly Option<string?> Protocol = new("--protocol")
    {
        Description = $"Run the experiments of a paper again instead, with its numbers beside ours, and write protocol.json, protocol.md and protocol.html: "
            + $"{string.Join(", ", ProtocolRun.All.Select(protocol => protocol.Name))}, or all (each in a subfolder).",
        HelpName = "name",
    };

    internal static Command Create()
    {
        DataSet.AcceptOnlyFromAmong("auto", "mnist", "fashion-mnist", "cifar10", "synthetic");
        Size.AcceptOnlyFromAmong("smoke", "quick", "paper");
        Threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0) result.AddError("--threads must be 0 or above.");
        });
        var command = new Command("run", "Measure a network before and after protecting it, and write report.json, report.md and report.html.")
        {
            Protocol, Data, DataSet, Download, Size, Seed, Out, Resume, Overwrite, Only, Threads,
        };
        command.SetAction(Invoke);
        return command;
    }

    private static async Task<int> Invoke(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = new RunSettings(
            parsed.GetValue(DataSet)!, parsed.GetValue(Data), parsed.GetValue(Download), parsed.GetValue(Size)!, parsed.GetValue(Seed),
            parsed.GetValue(Out)!, parsed.GetValue(Resume), parsed.GetValue(Overwrite), parsed.GetValue(Only) ?? [], parsed.GetValue(Threads))
        {
            Protocol = parsed.GetValue(Protocol),
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ConsoleCancelEventHandler onCancel = (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            if (settings.Protocol is null) await new Run(settings, stop.Token).Execute();
            else await new ProtocolRun(settings, stop.Token).Execute();
            return 0;
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped.[/] Finished work is kept in {settings.Out}; go on with the same command and --resume.");
            return 130;
        }
        catch (Exception error) when (error is UserError or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine($"error: {error.Message}");
            return 1;
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }
}
