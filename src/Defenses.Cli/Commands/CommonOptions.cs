using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary>Options that several commands have, and how all of them tell their errors.</summary>
internal static class CommonOptions
{
    /// <summary>Exit code of a run that the user stopped.</summary>
    internal const int Stopped = 130;

    private const int MostThreads = 1024;   // torch would try to start any number

    internal static Option<string?> Data() => new("--data")
    {
        Description = "Folder with the data sets, as files or in subfolders mnist, fashion-mnist, cifar10. Default: ../shared/data, data, if there is one.",
        HelpName = "folder",
    };

    internal static Option<string> DataSet()
    {
        var option = new Option<string>("--dataset")
        {
            Description = "What to recognise. 'auto' takes MNIST (a protocol: its paper's set) where it is found and digits drawn by the program otherwise.",
            DefaultValueFactory = _ => "auto",
        };
        return option.AcceptOnlyFromAmong("auto", "mnist", "fashion-mnist", "cifar10", "synthetic");
    }

    internal static Option<bool> Download() => new("--download")
    {
        Description = "Fetch the data set into the data folder if it is not there (checksums are verified).",
    };

    internal static Option<ulong> Seed() => Number("--seed", "Everything follows from it: data order, weights, attacks, judge.", 1UL,
        $"a whole number from 0 to {ulong.MaxValue}", _ => true);

    internal static Option<string> Out(string folder) => new("--out")
    {
        Description = "Folder for the results and for the work in progress.",
        DefaultValueFactory = _ => Path.Combine("runs", folder),
        HelpName = "folder",
    };

    internal static Option<int> Threads() => Number("--threads", "Threads for torch. 0: all cores.", 0, $"a whole number from 0 to {MostThreads}", value =>
        value is >= 0 and <= MostThreads);

    internal static Option<string?> Record() => new("--record")
    {
        Description = "Keep a record of each model in this folder: images, adversarial images, weights, settings and counts, which 'verify' judges again on "
            + "any machine.",
        HelpName = "folder",
    };

    internal static Option<bool> Resume() => new("--resume")
    {
        Description = "Go on with the run in the folder, which was stopped or killed. The result is the same as that of a run in one piece.",
    };

    internal static Option<bool> Overwrite() => new("--overwrite")
    {
        Description = "Start anew in a folder that holds a run.",
    };

    /// <summary>A whole number with a default and a least value.</summary>
    internal static Option<int> Whole(string name, string description, int standard, int least = 1) =>
        Number(name, description, standard, $"a whole number from {least} to {int.MaxValue}", value => value >= least);

    /// <summary>A whole number, 1 or above, that has no default.</summary>
    internal static Option<int?> Given(string name, string description) => new(name)
    {
        Description = description, HelpName = "number",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= 1) return value;
            result.AddError($"{name} must be a whole number from 1 to {int.MaxValue}; it is '{text}'.");
            return null;
        },
    };

    /// <summary>A number with a default and a rule.</summary>
    /// <param name="rule">The rule in words: "a number above 0".</param>
    internal static Option<T> Number<T>(string name, string description, T standard, string rule, Func<T, bool> fits) where T : IParsable<T> => new(name)
    {
        Description = description, DefaultValueFactory = _ => standard, HelpName = "number",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && fits(value)) return value;
            result.AddError($"{name} must be {rule}; it is '{text}'.");
            return standard;
        },
    };

    /// <summary>Runs a command that has no other exit code than 0 when its work is done.</summary>
    /// <inheritdoc cref="Guard(ParseResult, CancellationToken, Func{OutFolder, CancellationToken, Task{int}}, bool, string?)"/>
    internal static Task<int> Guard(ParseResult parsed, CancellationToken cancellation, Func<CancellationToken, Task> work, string? folder = null) =>
        Guard(parsed, cancellation, async (_, stop) =>
    {
        await work(stop);
        return 0;
    }, folder: folder);

    /// <summary>Runs a command: Ctrl-C stops it with exit code 130, and no other command writes into its folder meanwhile. What goes wrong is told by <see
    /// cref="EntryPoint"/>.</summary>
    /// <param name="work">Gives the exit code.</param>
    /// <param name="isShared">Whether others that share the folder may work in it, too.</param>
    /// <param name="folder">The folder that it writes into; by default what --out says.</param>
    internal static async Task<int> Guard(ParseResult parsed, CancellationToken cancellation, Func<OutFolder, CancellationToken, Task<int>> work,
        bool isShared = false, string? folder = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ConsoleCancelEventHandler onCancel = (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        Console.CancelKeyPress += onCancel;
        try
        {
            TorchLibrary.Load();
            using var into = OutFolder.Take(folder ?? WrittenWork.Folder(parsed), isShared);
            return await work(into, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped.[/] {WrittenWork.AfterStop(parsed)}");
            return Stopped;
        }
        finally
        {
            Console.CancelKeyPress -= onCancel;
        }
    }
}
