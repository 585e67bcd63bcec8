using System.CommandLine;
using Defenses.Benchmarks.Measuring;
using Defenses.Benchmarks.Rows;
using Spectre.Console;
using TorchSharp;

namespace Defenses.Benchmarks.Commands;

/// <summary>A command that measures one table of rows.</summary>
internal static class TableCommand
{
    public static Command Attacks() => Create(
        "attacks", "Whole attacks, in bare passes: time per image over that of one plain forward and input gradient.",
        "Attacks on the HRS paper's MNIST network", "bare passes", AttackRows.All);

    public static Command Layers() => Create(
        "layers", "The forward pass with a layer over the one without it, and what else is compared with itself.",
        "Layers in the HRS paper's MNIST network", "ratio", LayerRows.All);

    public static Command Training() => Create(
        "training", "Steps of training, over the same loop written with TorchSharp alone; and what more channels cost.",
        "Training the HRS paper's MNIST network", "ratio", TrainingRows.All);

    public static Command Retrofit() => Create(
        "retrofit", "resnet50 with layers that do nothing over the same without them: what a retrofit itself costs.",
        "A retrofit of resnet50", "ratio", RetrofitRows.All);

    public static Command Oracles() => Create(
        "oracles", "Answers of oracles over those of the network or of the session behind them.",
        "Oracles of the HRS paper's MNIST network", "ratio", OracleRows.All);

    private static Command Create(string name, string description, string title, string unit, Func<Subject, IEnumerable<Row>> rows)
    {
        var options = new TableOptions();
        var command = new Command(name, description);
        options.All.ForEach(command.Add);
        command.SetAction(parsed => Run(name, title, unit, rows, options.Read(parsed)));
        return command;
    }

    private static int Run(string name, string title, string unit, Func<Subject, IEnumerable<Row>> rows, TableSettings settings)
    {
        torch.set_num_threads(settings.Threads);
        using var subject = Subject.Load(settings.Data);
        var chosen = rows(subject).Where(row => row.Name.Contains(settings.Filter, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count == 0)
        {
            AnsiConsole.MarkupLineInterpolated(
                $"[red]No row of '{name}' contains '{settings.Filter}'.[/] There are: {string.Join("; ", rows(subject).Select(row => row.Name))}.");
            return 2;
        }

        AnsiConsole.MarkupLineInterpolated($"{Machine.Describe()} {subject.Describe()}");
        var measured = Progress.While("warming up", tell => new Interleaved(settings.Threads).Measure(
            chosen, settings.Rounds, (row, round) => tell($"round {round + 1} of {settings.Rounds}: {row}")));
        var report = new Report(name, title, unit, measured, settings.Rounds);
        return settings.Tell(report);
    }
}
