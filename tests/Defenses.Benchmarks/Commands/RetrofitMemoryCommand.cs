using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Defenses.Benchmarks.Measuring;
using Defenses.Benchmarks.Rows;
using Spectre.Console;
using TorchSharp;

namespace Defenses.Benchmarks.Commands;

/// <summary>
/// The peak of resident memory and the live tensors of resnet50 with layers over those without them, after forward passes and input gradients. Each number
/// comes from a process of its own, since a process's peak never falls.
/// </summary>
internal static class RetrofitMemoryCommand
{
    private const int Passes = 20;
    private const double Bar = 1.1;

    public static Command Create()
    {
        var options = new TableOptions();
        var job = new Option<string?>("--job") { Description = "Run this job only and print the peak, in bytes, and the live tensors.", Hidden = true };
        var command = new Command("retrofit-memory", "Peak memory of resnet50 with layers over that without them, each in a process of its own.") { job };
        options.All.ForEach(command.Add);
        command.SetAction(parsed => parsed.GetValue(job) is { } name ? RunJob(name, options.Read(parsed)) : Compare(options.Read(parsed)));
        return command;
    }

    private static int RunJob(string name, TableSettings settings)
    {
        torch.set_num_threads(settings.Threads);
        using var work = new RetrofitRows(name);
        for (var pass = 0; pass < Passes; pass++)
        {
            work.Forward();
            work.Gradient();
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{self.PeakWorkingSet64} {DisposeScopeManager.Statistics.ThreadTotalLiveCount}"));
        return 0;
    }

    private static int Compare(TableSettings settings)
    {
        var names = RetrofitRows.PutIn.Keys.Where(name => name != RetrofitRows.Plain && name.Contains(settings.Filter, StringComparison.OrdinalIgnoreCase))
            .ToList();
        var rows = Progress.While("measuring", tell => names.Select(name => Measure(name, settings, tell)).ToList());
        var report = new Report("retrofit-memory", $"Peak memory of resnet50 after {Passes} passes and gradients", "÷ plain", rows, settings.Rounds);
        return settings.Tell(report);
    }

    private static Measurement Measure(string name, TableSettings settings, Action<string> began)
    {
        var note = "";
        var ratios = Enumerable.Range(0, settings.Rounds).Select(round =>
        {
            began($"round {round + 1} of {settings.Rounds}: {name}");
            var (plain, with) = (Peak(RetrofitRows.Plain, settings), Peak(name, settings));
            note = string.Create(CultureInfo.InvariantCulture,
                $"{with.Bytes / 1e6:F0} MB, {with.Tensors} live tensors (plain: {plain.Bytes / 1e6:F0} MB, {plain.Tensors})");
            return (double)with.Bytes / plain.Bytes;
        }).ToList();
        return new Measurement(name, ratios, Bar, note);
    }

    private static (long Bytes, long Tensors) Peak(string job, TableSettings settings)
    {
        var numbers = ChildProcess.Numbers("retrofit-memory", "--job", job, "--threads", $"{settings.Threads}");
        return (numbers[0], numbers[1]);
    }
}
