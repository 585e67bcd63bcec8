using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Papers;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>The main job: train, protect with every defense, attack each, judge on fresh draws, report.</summary>
internal sealed class DefenseRun(RunSettings settings, CancellationToken cancellation)
{
    private readonly Display _display = new(AnsiConsole.Console);
    private readonly Preset _preset = Preset.Named(settings.Preset, settings.Images).With(settings.Choices);

    /// <param name="into">The folder of the run, held: a shard lets the others in when it is begun.</param>
    internal async Task Execute(OutFolder into)
    {
        var recipes = DefenseRecipe.Chosen(settings.Only);
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        using var data = await Load();
        using var alone = settings.Shard is null ? null : await RunFolder.Alone(settings.Out, cancellation);
        var folder = RunFolder.Open(settings, data.Key);
        if (settings.Shard is not null) into.Share();
        _display.Say($"[bold]{data.Test.Name}[/], preset [bold]{settings.Preset}[/], {_preset.Images} images attacked, seed {settings.Seed}.");
        _display.Say($"Work is kept in {settings.Out}; Ctrl-C and --resume at any time.");
        using var builder = new TrainingBuilder(settings, _preset, data, folder, _display, cancellation);
        var evaluation = Evaluation(data, [.. recipes.Select(recipe => Protect(recipe, builder))]);
        alone?.Dispose();
        if (settings.Shard is { } shard) Part(evaluation, data, shard, folder.ShardOf(shard));
        else Save(_display.Evaluation(progress => evaluation.Run(Examples(data), folder.Evaluation, progress, cancellation)));
    }

    /// <summary>Puts the work of shards together.</summary>
    /// <param name="folders">The folders that they were run into.</param>
    internal async Task Merge(IReadOnlyList<RunFolder> folders)
    {
        var recipes = DefenseRecipe.Chosen(settings.Only);
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        using var data = await Load();
        using var builder = new TrainingBuilder(settings, _preset, data, folders[0], _display, cancellation);
        var evaluation = Evaluation(data, [.. recipes.Select(recipe => Protect(recipe, builder))]);
        Save(evaluation.Merge(Examples(data), [.. folders.SelectMany(folder => folder.Shards)]));
    }

    private Task<RunData> Load() => RunData.Load(settings, _preset.Base.Images, Math.Max(_preset.AccuracyImages, _preset.Images), "mnist", cancellation);

    private void Part(RobustnessEvaluation evaluation, RunData data, Shard shard, string folder)
    {
        _display.Evaluation(progress =>
        {
            evaluation.RunShard(Examples(data), shard, folder, progress, cancellation);
            return 0;
        });
        _display.Say($"Shard {shard} is finished. When all are: defenses merge {settings.Out}");
    }

    private void Save(EvaluationReport report)
    {
        report.Save(settings.Out);
        _display.Table(report);
        _display.Say($"Report: [link]{Path.GetFullPath(Path.Combine(settings.Out, "report.html"))}[/] (also report.md, report.json, report.csv)");
    }

    private DefenseEntry Protect(DefenseRecipe recipe, TrainingBuilder builder)
    {
        cancellation.ThrowIfCancellationRequested();
        var network = recipe.Make(builder);
        _display.Say($"{recipe.Name}: [bold]{builder.RecognizedBy(network):P2}[/] of test images recognised");
        return new DefenseEntry(recipe.Name, new Classifier(network, Bounds.Unit)) 
        {
            Description = recipe.Description, Recipe = RecordRecipe.Of(recipe, network, builder),
        };
    }

    private RobustnessEvaluation Evaluation(RunData data, IReadOnlyList<DefenseEntry> defenses)
    {
        var strengths = settings.Choices.Strengths
            ?? [.. (data.IsColor ? _preset.Strengths.Colour : _preset.Strengths.Grey).Select(strength => strength / 255)];
        var attacks = settings.Choices.Attacks is { } names ? Chosen(names, _preset) : Attacks(_preset, settings.Preset == "paper");
        return new RobustnessEvaluation(defenses, attacks, strengths)
        {
            Draws = _preset.JudgeDraws,
            Threat = new ThreatModel { Tries = ThreatOptions.Checked(settings.Choices.Tries ?? 1, _preset.JudgeDraws) },
            Seed = settings.Seed,
            BlockSize = _preset.BlockSize,
            Title = $"How robust is the network before and after protecting it: {data.Test.Name}",
            Command = settings.Command(data.Key), RecordFolder = settings.Record,
        };
    }

    private LabeledImages Examples(RunData data) => ProtocolContext.Examples(data.Test, _preset.Images);

    // FGSM, PGD and CW-PGD on the plain model and on a fixed draw; PGD on the mean over draws (CW-PGD, too, in the full protocol) and straight
    // through layers that hide their gradient, without which JumpReLU looks strong.
    private static IReadOnlyList<AttackEntry> Attacks(Preset preset, bool isWhole)
    {
        Func<double, Attack> pgd = epsilon => new Pgd(epsilon) { Steps = preset.Steps, Restarts = 1 };
        Func<double, Attack> cwPgd = epsilon => new CwPgd(epsilon) { Steps = preset.Steps, Restarts = 1 };
        var eot = AttackerView.Eot(preset.EotDraws);
        AttackEntry[] quick =
        [
            new("FGSM", epsilon => new Fgsm(epsilon)), new("PGD", pgd), new("CW-PGD", cwPgd),
            new("PGD", pgd, eot), new("PGD", pgd, AttackerView.FixedDraw), new("CW-PGD", cwPgd, AttackerView.FixedDraw),
            new("PGD", pgd, AttackerView.StraightThrough),
        ];
        return isWhole ? [.. quick, new("FGSM", epsilon => new Fgsm(epsilon), eot), new("CW-PGD", cwPgd, eot)] : quick;
    }

    // Each by every view that an attacker has; without gradients a view changes nothing.
    private static IReadOnlyList<AttackEntry> Chosen(IReadOnlyList<string> names, Preset preset) =>
    [
        .. names.Select(NamedAttack.Find).SelectMany(attack =>
        {
            AttackerView[] views = attack.NeedsGradient
                ? [AttackerView.Plain, AttackerView.Eot(preset.EotDraws), AttackerView.FixedDraw, AttackerView.StraightThrough] : [AttackerView.Plain];
            return views.Select(view => new AttackEntry(attack.Name, epsilon => attack.Make(epsilon, preset.Steps), view));
        }),
    ];
}
