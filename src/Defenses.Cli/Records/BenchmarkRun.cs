using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Papers;
using Spectre.Console;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>What a benchmark was asked for.</summary>
/// <param name="Run">Data, seed, size, folder.</param>
/// <param name="Base">Weights of the unprotected network for grey digits; null to train it.</param>
/// <param name="Public">Networks of others for grey digits: name, description, and file of weights for hrs-mnist.</param>
internal sealed record BenchmarkSettings(RunSettings Run, string? Base, IReadOnlyList<(string Name, string Description, string File)> Public);

/// <summary>Makes a record of every defense on grey digits and of some on colour images, and the leaderboard of them. Stopped, it goes on by the same
/// command.</summary>
internal sealed class BenchmarkRun(BenchmarkSettings settings, CancellationToken cancellation)
{
    private static readonly string[] s_onColor = ["unprotected", "Gaussian noise", "JPEG 50"];

    private readonly Display _display = new(AnsiConsole.Console);
    private readonly Preset _preset = SizeOf(settings.Run, isColor: false);

    private string Records => Path.Combine(settings.Run.Out, "records");

    internal async Task Execute()
    {
        foreach (var name in settings.Run.Only) DefenseRecipe.Find(name);
        set_num_threads(settings.Run.Threads > 0 ? settings.Run.Threads : Environment.ProcessorCount);
        using (var digits = await Load(settings.Run.DataSet)) Entries(digits);
        if (settings.Run.DataSet == "auto")
        {
            using var photographs = await Photographs();
            if (photographs is not null) Entries(photographs);
        }
        LeaderboardCommand.Write(Records, Path.Combine(settings.Run.Out, "site"), verify: false, cancellation);
        _display.Say($"Judge all records again: defenses verify {Records}");
    }

    private string Command => $"defenses benchmark --preset {settings.Run.Preset} --seed {settings.Run.Seed}"
        + (settings.Run.Images is { } images ? $" --images {images}" : "") + (settings.Base is { } file ? $" --base {Path.GetFileName(file)}" : "");

    private Task<RunData> Load(string set) => RunData.Load(settings.Run with { DataSet = set, Images = null }, _preset.Base.Images,
        Math.Max(_preset.AccuracyImages, _preset.Images), "mnist", cancellation);

    private async Task<RunData?> Photographs()
    {
        try
        {
            return await Load("cifar10");
        }
        catch (UserError error)
        {
            _display.Say($"[yellow]Entries on CIFAR-10 are left out.[/] {error.Message}");
            return null;
        }
    }

    private void Entries(RunData data)
    {
        var run = settings.Run with { Out = Path.Combine(settings.Run.Out, data.Key) };
        var identity = new
        {
            dataSet = data.Key, run.Preset, run.Images, seed = $"{run.Seed}", @base = settings.Base, attacks = Attacks().Select(attack => attack.Name),
        };
        var folder = RunFolder.Open(run.Out, identity, null, run.Overwrite);
        var weights = data.IsColor ? null : settings.Base;
        using var builder = new TrainingBuilder(run, SizeOf(run, data.IsColor), data, folder, _display, cancellation) { BaseWeights = weights };
        var recipes = DefenseRecipe.All.Concat(DefenseRecipe.Trained).Where(recipe => !data.IsColor || s_onColor.Contains(recipe.Name));
        foreach (var recipe in recipes.Where(recipe => run.Only.Count == 0 || run.Only.Contains(recipe.Name))) Protected(recipe, builder, data, folder);
        if (data.Key != "mnist") return;
        foreach (var (name, description, file) in settings.Public) OfOthers(name, description, file, data, folder);
    }

    private void Protected(DefenseRecipe recipe, TrainingBuilder builder, RunData data, RunFolder folder)
    {
        if (IsFinished(recipe.Name, data)) return;
        var network = recipe.Make(builder);
        Measure(new DefenseEntry(recipe.Name, new Classifier(network, Bounds.Unit))
        {
            Description = recipe.Description, Recipe = RecordRecipe.Of(recipe, network, builder),
        }, data, folder);
    }

    private void OfOthers(string name, string description, string file, RunData data, RunFolder folder)
    {
        if (IsFinished(name, data)) return;
        var weights = new ModelSettings(file, "hrs-mnist", null, int.MaxValue, settings.Run) { Option = $"the file of {name}" };
        using var opened = PathOption.Read(weights.Option, file, () => OpenedModel.Open(weights, null, data.Test.ImageShape));
        Measure(new DefenseEntry(name, new Classifier(opened.Network!, Bounds.Unit))
        {
            Description = description, Recipe = RecordRecipe.Of(weights, opened, OutputHead.Logits),
        }, data, folder);
    }

    private bool IsFinished(string name, RunData data)
    {
        cancellation.ThrowIfCancellationRequested();
        return !settings.Run.Overwrite && File.Exists(Path.Combine(Records, data.Key, EvaluationRecord.FolderOf(name), "record.json"));
    }

    private void Measure(DefenseEntry entry, RunData data, RunFolder folder)
    {
        _display.Say($"[bold]{entry.Name}[/] on {data.Test.Name}");
        double[] strengths = data.IsColor ? [2 / 255d, 8 / 255d] : [0.1, 0.3];
        var evaluation = new RobustnessEvaluation([entry], Attacks(), strengths)
        {
            Draws = _preset.JudgeDraws, Seed = settings.Run.Seed, BlockSize = _preset.BlockSize, Checks = [], Title = $"{entry.Name}: {data.Test.Name}",
            Command = Command, RecordFolder = Path.Combine(Records, data.Key),
        };
        var work = Path.Combine(folder.Evaluation, EvaluationRecord.FolderOf(entry.Name));
        _display.Evaluation(progress => evaluation.Run(ProtocolContext.Examples(data.Test, _preset.Images), work, progress, cancellation));
    }

    // What an adaptive attacker has: gradients of one draw, of the mean over draws and past hidden gradients; scores only; and chance.
    private IReadOnlyList<AttackEntry> Attacks()
    {
        Func<double, Attack> pgd = epsilon => new Pgd(epsilon) { Steps = _preset.Steps, Restarts = 1 };
        Func<double, Attack> cwPgd = epsilon => new CwPgd(epsilon) { Steps = _preset.Steps, Restarts = 1 };
        var eot = AttackerView.Eot(_preset.EotDraws);
        return
        [
            new("PGD", pgd), new("CW-PGD", cwPgd), new("PGD", pgd, eot), new("CW-PGD", cwPgd, AttackerView.StraightThrough),
            new("Square", epsilon => new Square(epsilon) { Candidates = NamedAttack.CandidatesPerStep * _preset.Steps }),
            new("noise", epsilon => new Noise(epsilon)),
        ];
    }

    // Twenty entries within the time of a run: fewer images, steps and draws than the quick preset. On colour images a narrower network, so that it learns
    // something in that time.
    private static Preset SizeOf(RunSettings run, bool isColor)
    {
        var preset = Preset.Named(run.Preset, run.Images);
        if (run.Preset != "quick") return preset;
        preset = preset with { Images = run.Images ?? 50, BlockSize = 50, Steps = 10, JudgeDraws = 10, EotDraws = 4, Base = (10_000, 2), AccuracyImages = 100 };
        return isColor ? preset with { Color = new(24, 0.3), Base = (20_000, 6), Batch = 32, LearningRate = 0.02 } : preset;
    }
}
