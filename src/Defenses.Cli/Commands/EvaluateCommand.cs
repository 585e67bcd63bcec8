using System.CommandLine;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Papers;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary><c>evaluate</c>: a saved model, beside another one if given, against several attacks and strengths; the whole report.</summary>
internal static class EvaluateCommand
{
    private static readonly ThreatOptions Threat = new();
    private static readonly ModelOptions Model = new("evaluation", 100, isResumable: true);
    private static readonly Option<int> Steps = ModelOptions.Steps(), EotDraws = ModelOptions.EotDraws(), Draws = ModelOptions.Draws();

    private static readonly Option<string[]> Epsilons = new("--epsilon")
    {
        Description = "The budgets of each pixel in L∞, in units of its range, such as 8/255 or 0.03 (may be given several times).",
        DefaultValueFactory = _ => ["4/255", "8/255"], HelpName = "number",
    };

    private static readonly Option<string[]> Attacks = new("--attack")
    {
        Description = "The attacks, by name (may be given several times): " + string.Join(", ", NamedAttack.All.Select(attack => attack.Name))
            + ". On ONNX files by default those without gradients: square, noise.",
        DefaultValueFactory = _ => ["fgsm", "pgd", "cw-pgd", "square"], HelpName = "name",
    };

    private static readonly Option<string?> Base =
        new("--base") { Description = "Another model to compare with, such as the unprotected one: TorchScript, ONNX, or weights that train.json beside them "
        + "describes.", HelpName = "file" };

    private static readonly Option<string?> Record = CommonOptions.Record();

    internal static Command Create()
    {
        var command = Threat.With(Model.With(new Command("evaluate",
            "Measure a model against several attacks and strengths, and write report.json, report.csv, report.md and report.html.") { Base, Attacks, Epsilons,
            Steps, EotDraws, Draws }));
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => Run(parsed, stop)));
        command.Options.Add(Record);
        return command;
    }

    private static async Task Run(ParseResult parsed, CancellationToken stop)
    {
        var settings = Model.Read(parsed);
        var strengths = parsed.GetValue(Epsilons)!.Select(NamedAttack.Epsilon).Distinct().ToArray();
        var threat = Threat.Read(parsed, parsed.GetValue(Draws));
        var attacks = ThreatOptions.Possible(threat, [.. parsed.GetValue(Attacks)!.Distinct().Select(NamedAttack.Find)], AreChosen(parsed));
        using var model = await LoadedModel.Read(settings, stop);
        using var other = parsed.GetValue(Base) is { } file
            ? await LoadedModel.Read(settings with { Option = "--base", File = file, Network = null, Channels = null }, stop) : null;
        attacks = Possible(attacks, parsed, [model, .. other is null ? [] : new[] { other }]);
        var names = new[] { other is null ? null : $"base: {other.Name}", model.Name };
        var folder = RunFolder.Open(settings.Run.Out, new
        {
            models = new[] { parsed.GetValue(Base), settings.File }, names, dataSet = model.Data.Key, settings.Images,
            attacks = attacks.Select(attack => attack.Name), strengths,
            steps = parsed.GetValue(Steps), eot = parsed.GetValue(EotDraws), draws = parsed.GetValue(Draws), seed = $"{settings.Run.Seed}",
        }, settings.Run.Resume, settings.Run.Overwrite);
        DefenseEntry[] entries = [.. other is null ? [] : new[] { Entry(names[0]!, other) }, Entry(names[1]!, model)];
        var evaluation = new RobustnessEvaluation(entries, [.. attacks.SelectMany(attack => Entries(attack, parsed))], strengths)
        {
            Draws = parsed.GetValue(Draws), Seed = settings.Run.Seed, BlockSize = threat.KnowsDraw ? 1 : 50, Threat = threat,
            Title = $"How robust is {model.Name}: {model.Data.Name}",
            Command = Origin.Of(parsed, model).Command,
            RecordFolder = parsed.GetValue(Record),
        };
        var display = new Display(AnsiConsole.Console);
        var report = display.Evaluation(progress => evaluation.Run(model.Data.Examples(), folder.Evaluation, progress, stop));
        IReadOnlyList<Finding> findings = [.. report.Findings, .. Low(model, names[1]!), .. other is null ? [] : Low(other, names[0]!)];
        Save(report with { Findings = findings }, settings.Run.Out, display);
    }

    private static DefenseEntry Entry(string name, LoadedModel model) => new(name, model.View) { Recipe = model.Recipe() };

    private static void Save(EvaluationReport report, string folder, Display display)
    {
        report.Save(folder);
        display.Table(report);
        display.Say($"Report: [link]{Path.GetFullPath(Path.Combine(folder, "report.html"))}[/] (also report.md, report.json, report.csv)");
    }

    // Black boxes are attacked without gradients, where nothing else is asked for.
    private static NamedAttack[] Possible(NamedAttack[] attacks, ParseResult parsed, IReadOnlyList<LoadedModel> models)
    {
        if (!AreChosen(parsed) && models.Any(model => !model.HasNetwork)) attacks = [.. NamedAttack.All.Where(attack => !attack.NeedsGradient)];
        foreach (var attack in attacks)
            foreach (var model in models) attack.RequireFor(model);
        return attacks;
    }

    private static bool AreChosen(ParseResult parsed) => parsed.GetResult(Attacks) is { Implicit: false };

    private static IEnumerable<Finding> Low(LoadedModel model, string name) => model.LowAccuracy is { } low ? [low with { Defense = name }] : [];

    private static IEnumerable<AttackEntry> Entries(NamedAttack attack, ParseResult parsed)
    {
        var steps = parsed.GetValue(Steps);
        yield return new AttackEntry(attack.Name, epsilon => attack.Make(epsilon, steps));
        if (attack.Name is not "noise" && parsed.GetValue(EotDraws) > 1)
            yield return new AttackEntry(attack.Name, epsilon => attack.Make(epsilon, steps), AttackerView.Eot(parsed.GetValue(EotDraws)));
    }
}
