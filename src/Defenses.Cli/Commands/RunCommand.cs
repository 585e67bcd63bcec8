using System.CommandLine;
using Spectre.Console;
using Defenses.Evaluation;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>run</c>, and of <c>demo</c>, which is <c>run</c> in a folder of its own that it writes anew each time.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Data = CommonOptions.Data();
    private static readonly Option<string> DataSet = CommonOptions.DataSet(), Out = CommonOptions.Out("latest"), DemoOut = CommonOptions.Out("demo");
    private static readonly Option<bool> Download = CommonOptions.Download(), Resume = CommonOptions.Resume(), Overwrite = CommonOptions.Overwrite();
    private static readonly Option<ulong> Seed = CommonOptions.Seed();
    private static readonly Option<int> Threads = CommonOptions.Threads();

    private static readonly Option<string> Size = new("--preset")
    {
        Description = "quick: some minutes, few images, wide intervals. long: up to two hours on two cores. paper: the full protocol, days on a CPU.",
        DefaultValueFactory = _ => "quick",
    };

    private static readonly Option<int?> Images = new("--images")
    {
        Description = "Attack so many test images in place of the preset's number, everything else being the preset's: more give narrower intervals. What "
            + "takes fewer in a protocol keeps its share.",
        HelpName = "number",
    };

    private static readonly Option<string?> Record = CommonOptions.Record();

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

    private static readonly Option<string?> Part = new("--shard")
    {
        Description = "Do only the i-th of n parts of the evaluation, i from 0: 0/4 to 3/4. Parts may share the folder of --out (the networks are then "
            + "trained once, the others wait) "
            + "or have one each. Killed and started again a part goes on. Put them together with 'merge'.",
        HelpName = "i/n",
    };

    private static readonly Option<string[]> Attacks = new("--attack")
    {
        Description = "Attack by these in place of the preset's (may be given several times): "
            + string.Join(", ", NamedAttack.All.Select(attack => attack.Name)) + ".", HelpName = "name",
    };

    private static readonly Option<string[]> Epsilons = new("--epsilon")
    {
        Description = "The budgets of each pixel in L∞ in place of the preset's, such as 8/255 or 0.03 (may be given several times).", HelpName = "number",
    };

    private static readonly Option<int?> Steps = CommonOptions.Given("--steps", "Steps of iterated attacks in place of the preset's.");
    private static readonly Option<int?> Draws = CommonOptions.Given("--draws", "Fresh draws of each image to judge by, in place of the preset's.");

    private static readonly Option<int?> Tries = CommonOptions.Given("--tries",
        "How often the attacker may try an image, each time on a fresh draw, at most --draws. The report leads with it. Default: once.");

    internal static Command Create()
    {
        Size.AcceptOnlyFromAmong(Preset.Names);
        Part.Validators.Add(result =>
        {
            try { if (result.GetValueOrDefault<string?>() is { } text) Shard.Parse(text); }
            catch (FormatException error) { result.AddError($"--shard: {error.Message}"); }
        });
        Images.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1) result.AddError("--images must be 1 or above.");
        });
        var command = new Command("run", "Measure a network before and after protecting it, and write report.json, report.csv, report.md and report.html.")
        {
            Protocol, Data, DataSet, Download, Size, Images, Seed, Out, Resume, Overwrite, Only, Attacks, Epsilons, Steps, Draws, Tries, Part,
            Threads,
        };
        command.Options.Add(Record);
        // The parts of an evaluation share their folder, but for one that throws away what is there.
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation,
            (into, stop) => Invoke(Settings(parsed) with { Choices = Choices(parsed) }, into, stop),
            isShared: parsed.GetValue(Part) is not null && !parsed.GetValue(Overwrite)));
        return command;
    }

    internal static Command CreateDemo()
    {
        var command = new Command("demo",
            "The main job: train a network, protect it with every defense, attack each, judge on fresh draws, and write the report to runs/demo.")
        {
            Data, DataSet, Download, Size, Images, Seed, DemoOut, Resume, Only, Threads,
        };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation,
            (into, stop) => Invoke(Settings(parsed) with { Overwrite = !parsed.GetValue(Resume) }, into, stop)));
        return command;
    }

    private static RunChoices Choices(ParseResult parsed)
    {
        var attacks = (parsed.GetValue(Attacks) ?? []).Distinct().Select(NamedAttack.Find).ToArray();
        var strengths = (parsed.GetValue(Epsilons) ?? []).Select(NamedAttack.Epsilon).Distinct().Order().ToArray();
        var choices = new RunChoices
        {
            Attacks = attacks.Length > 0 ? [.. attacks.Select(attack => attack.Name)] : null, Strengths = strengths.Length > 0 ? strengths : null,
            Steps = parsed.GetValue(Steps), Draws = parsed.GetValue(Draws), Tries = parsed.GetValue(Tries),
        };
        if (choices.Named.Count > 0 && parsed.GetValue(Protocol) is { } protocol)
            throw new UserError($"{choices.Named[0].Option} is nothing that --protocol {protocol} takes: a paper's experiments have "
                + "their own attacks and draws.");
        if (choices.Steps is not null && attacks.Length > 0 && !attacks.Any(attack => attack.HasSteps))
            throw new UserError($"--steps is nothing that --attack {string.Join(", ", choices.Attacks!)} takes.");
        return choices;
    }

    private static async Task<int> Invoke(RunSettings settings, OutFolder into, CancellationToken stop)
    {
        await (settings.Protocol is null ? new DefenseRun(settings, stop).Execute(into)
            : new ProtocolRun(settings, new Display(AnsiConsole.Console), stop).Execute());
        return 0;
    }

    private static RunSettings Settings(ParseResult parsed) => new(
        parsed.GetValue(DataSet)!, parsed.GetValue(Data), parsed.GetValue(Download), parsed.GetValue(Size)!, parsed.GetValue(Seed),
        WrittenWork.Folder(parsed)!, parsed.GetValue(Resume), parsed.GetValue(Overwrite), parsed.GetValue(Only) ?? [], parsed.GetValue(Threads))
    {
        Protocol = parsed.GetValue(Protocol), Images = parsed.GetValue(Images), Record = parsed.GetValue(Record),
        Shard = parsed.GetValue(Part) is { } part ? Defenses.Evaluation.Shard.Parse(part) : null,
    };
}
