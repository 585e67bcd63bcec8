using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Zoo;
using Spectre.Console;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>One attack on a model: attacks block by block, judges on fresh draws, and saves the images.</summary>
internal sealed class AttackRun(ModelSettings settings, AttackSettings attack, Func<LoadedModel, Origin> origin, CancellationToken cancellation)
{
    private readonly Display _display = new(AnsiConsole.Console);

    internal async Task Execute()
    {
        using var model = await LoadedModel.Read(settings, cancellation);
        attack.Attack.RequireFor(model);
        var (work, target) = (Work(model), model.View);
        using var scope = NewDisposeScope();
        var (images, labels) = model.Data.Read(0, model.Data.Chosen);
        var view = target.IsRandom && attack.EotDraws > 1 ? new Eot(target, attack.EotDraws) : target;
        var (adversarial, met, sizes) = _display.Share($"{attack.Attack.Name}", images.shape[0], progress =>
            new AttackBlocks(work, Seeded, settings.Run.Seed).Run(view, images, labels, progress, cancellation));
        var judge = new Judge(attack.Draws) { Seed = settings.Run.Seed };
        var clean = judge.Measure(target, images, labels, 0, cancellation);
        var attacked = judge.Measure(target, adversarial, labels, 0, cancellation);
        JudgementTable.Show($"{model.Name}: {attack.Attack.Name}, ε = {attack.Epsilon * 255:0.##}/255, {clean.Count} images", clean, attacked);
        using var set = new AdversarialSet(images, adversarial, labels, met, sizes)
        {
            Name = model.Data.Name, ClassNames = model.Data.ClassNames, Attack = $"{Seeded(settings.Run.Seed)}", WeightsHash = model.WeightsHash(),
            Seeds = new Dictionary<string, ulong> { ["attack"] = settings.Run.Seed, ["judge"] = settings.Run.Seed },
        };
        Save(set, Description(model, view, clean, attacked));
    }

    private Attack Seeded(ulong seed) => attack.Attack.Seeded(attack.Epsilon, attack.Steps, seed);

    // Work of a stopped attack is gone on with, by the same command or with --resume; a finished attack gives way to another one.
    private string Work(LoadedModel model)
    {
        var identity = new
        {
            model = model.Name, weights = model.FileHash(), images = model.Data.Digest(), normalization = settings.Normalization, attack = $"{Seeded(0)}",
            eot = attack.EotDraws, seed = $"{settings.Run.Seed}",
        };
        return StoppedWork.Open(settings.Run, identity, "attack.json").Protocol("attack");
    }

    private object Description(LoadedModel model, ModelView view, Judgement clean, Judgement attacked) => new
    {
        schema = "defense-bench.attack/1", model = model.Name, attack = attack.Attack.Name, epsilon = attack.Epsilon, seed = $"{settings.Run.Seed}",
        images = (long)clean.Count,
        draws = attacked.Draws, clean = clean.Accuracy, attacked = attacked.Accuracy,
        attackOptions = $"{Seeded(settings.Run.Seed)}", origin = origin(model),
        view = view is Eot ? AttackerView.Eot(attack.EotDraws).Name : AttackerView.Plain.Name,
        findings = model.LowAccuracy is { } low ? new[] { low } : [],
    };

    private void Save(AdversarialSet set, object description)
    {
        var folder = settings.Run.Out;
        AtomicFile.WriteAll(folder, ("adversarial.safetensors", set.Save), ("attack.json", path => AtomicFile.Write(path, Json.Text(description))));
        if (attack.Pictures) set.WritePictures(Path.Combine(folder, "pictures"), Zoom(set.Images.shape[^1]));
        AnsiConsole.MarkupLineInterpolated(
            $"Saved: {Path.GetFullPath(folder)} (attack.json, adversarial.safetensors{(attack.Pictures ? ", pictures" : "")})");
    }

    // Small images become large enough to see.
    private static int Zoom(long width) => (int)Math.Clamp(160 / width, 1, 6);
}
