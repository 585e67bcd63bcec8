using System.CommandLine;
using Defenses.Attacks;
using Defenses.Benchmarks.Measuring;
using Spectre.Console;
using TorchSharp;

namespace Defenses.Benchmarks.Commands;

/// <summary>
/// What ensembles of attacks leave of a robust network, and at how many passes. Each block of images is appended to a file when it is done; a run that is
/// stopped goes on from there.
/// </summary>
internal static class EnsemblesCommand
{
    private const double Epsilon = 0.3;

    private static readonly Dictionary<string, Attack> s_attacks = new()
    {
        ["standard"] = new AutoAttackStandard(Epsilon),
        ["fast"] = new AutoAttackFast(Epsilon),
        ["probability-margin"] = new Apgd(Epsilon) { Loss = Loss.ProbabilityMargin },
        ["dlr"] = new Apgd(Epsilon) { Loss = Loss.Dlr },
        ["malt"] = new Malt(Epsilon),
        ["square"] = new Square(Epsilon) { Candidates = 1000 },
    };

    public static Command Create()
    {
        var table = new TableOptions();
        var attacks = new Option<string[]>("--attacks")
        {
            Description = $"Which of {string.Join(", ", s_attacks.Keys)}; those that are not named are only read from the file.",
            DefaultValueFactory = _ => ["standard", "fast"], AllowMultipleArgumentsPerToken = true,
        };
        attacks.AcceptOnlyFromAmong([.. s_attacks.Keys]);
        var images = new Option<int>("--images") { Description = "How many of the first test images.", DefaultValueFactory = _ => 1000 };
        var block = new Option<int>("--block") { Description = "How many images are attacked at once.", DefaultValueFactory = _ => 100 };
        var state = new Option<string>("--state") { Description = "The file of what is done.", DefaultValueFactory = _ => "ensembles.tsv" };
        var weights = new Option<string?>("--weights")
        {
            Description = "The weights of the network. Looked for as ../shared/reference/public/mnist-trades.safetensors when not given.",
        };
        var command = new Command("ensembles", $"What ensembles leave of the TRADES network for MNIST at L∞ {Epsilon}, and their passes; resumed when stopped.")
        {
            attacks, images, block, state, weights,
        };
        table.All.ForEach(command.Add);
        command.SetAction(parsed => Run(parsed.GetValue(attacks)!, parsed.GetValue(images), parsed.GetValue(block),
            new EnsembleRecords(parsed.GetValue(state)!), parsed.GetValue(weights), table.Read(parsed)));
        return command;
    }

    private static int Run(string[] names, int images, int block, EnsembleRecords records, string? weights, TableSettings settings)
    {
        torch.set_num_threads(settings.Threads);
        using var subject = Subject.Load(settings.Data, weights ?? Subject.TradesPath
            ?? throw new FileNotFoundException("The weights of the TRADES network were not found. Give their path with --weights."));
        AnsiConsole.MarkupLineInterpolated($"{Machine.Describe()} {subject.Describe()}");
        foreach (var name in names)
        {
            for (var first = records.Done(name, s_attacks[name]); first < images; first = records.Done(name, s_attacks[name]))
            {
                Attack(subject, name, first, Math.Min(block, images - first), records);
            }
        }

        records.Print(s_attacks, images);
        return 0;
    }

    private static void Attack(Subject subject, string name, int first, int count, EnsembleRecords records)
    {
        using var scope = torch.NewDisposeScope();
        var (x, labels) = subject.Take(first, count);
        var attack = s_attacks[name] with { Seed = 1 };
        using var result = attack.Run(subject.Model(), x, labels);
        records.Add(name, s_attacks[name], first, result);
    }
}
