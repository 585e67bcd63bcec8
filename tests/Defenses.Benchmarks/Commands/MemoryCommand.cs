using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Defenses.Benchmarks.Measuring;
using Defenses.Benchmarks.Rows;
using Spectre.Console;
using TorchSharp;

namespace Defenses.Benchmarks.Commands;

/// <summary>
/// The peak of resident memory after 1,100 repetitions of the same work over that after 100. Each number comes from a process of its own,
/// since a process's peak never falls; and each ends with as many live tensors as it had after the first repetition.
/// </summary>
internal static class MemoryCommand
{
    private const int Few = 100, Many = 1_100;
    private const double Bar = 1.05;

    public static Command Create()
    {
        var options = new TableOptions();
        var job = new Option<string?>("--job") { Description = "Run this job only and print the peak, in bytes.", Hidden = true };
        var times = new Option<int>("--times") { Description = "For --job: how many repetitions.", DefaultValueFactory = _ => Few, Hidden = true };
        var command = new Command("memory",
            "Peak memory after 1,100 repetitions over that after 100, each in a process of its own, and the live tensors.") { job, times };
        options.All.ForEach(command.Add);
        command.SetAction(parsed => parsed.GetValue(job) is { } name
            ? RunJob(name, parsed.GetValue(times), options.Read(parsed))
            : Compare(options.Read(parsed)));
        return command;
    }

    private static int RunJob(string name, int times, TableSettings settings)
    {
        torch.set_num_threads(settings.Threads);
        using var subject = Subject.Load(settings.Data);
        var live = 0L;
        for (var done = 0; done < times; done++)
        {
            var (x, labels) = subject.Take(MemoryRows.Batch);
            MemoryRows.All[name](subject, x, labels);
            x.Dispose();
            labels.Dispose();
            if (done == 0) live = Live;
        }

        if (Live != live) throw new InvalidDataException($"'{name}' left {Live - live} tensors behind in {times - 1} repetitions.");

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static long Live => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static int Compare(TableSettings settings)
    {
        var names = MemoryRows.All.Keys.Where(name => name.Contains(settings.Filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (names.Count == 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]No job contains '{settings.Filter}'.[/] There are: {string.Join("; ", MemoryRows.All.Keys)}.");
            return 2;
        }

        var rows = Progress.While("measuring", tell => names.Select(name => Measure(name, settings, tell)).ToList());
        var report = new Report("memory", $"Peak memory after {Many:N0} repetitions with {MemoryRows.Batch} images", $"÷ after {Few:N0}", rows,
            settings.Rounds);
        return settings.Tell(report);
    }

    private static Measurement Measure(string name, TableSettings settings, Action<string> began)
    {
        var most = 0L;
        var ratios = Enumerable.Range(0, settings.Rounds).Select(round =>
        {
            began($"round {round + 1} of {settings.Rounds}: {name}");
            var few = Peak(name, Few, settings);
            most = Peak(name, Many, settings);
            return (double)most / few;
        }).ToList();
        return new Measurement(name, ratios, Bar, string.Create(CultureInfo.InvariantCulture, $"{most / 1e6:F0} MB"));
    }

    private static long Peak(string job, int times, TableSettings settings)
    {
        string[] data = settings.Data is { } folder ? ["--data", folder] : [];
        return ChildProcess.Numbers(["memory", "--job", job, "--times", $"{times}", "--threads", $"{settings.Threads}", .. data])[0];
    }
}
