using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Papers;
using Defenses.Statistics;
using Defenses.Zoo;
using Spectre.Console;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Judges saved adversarial images on a model: that which was attacked, or another one.</summary>
internal sealed class JudgeRun(ModelSettings settings, string saved, int draws, Func<LoadedModel, Origin> origin, CancellationToken cancellation)
{
    private const string Option = "--adversarial", FileName = "adversarial.safetensors";

    internal void Execute()
    {
        var file = Directory.Exists(saved) ? Path.Combine(saved, FileName) : saved;
        if (Directory.Exists(saved) && !File.Exists(file)) throw new UserError(
            $"{Option}: the folder {saved} holds no {FileName}. Give what 'attack' has saved.");
        PathOption.RequireFile(Option, file, "Make one with 'defenses attack'.");
        using var set = PathOption.Read(Option, file, () => AdversarialSet.Load(file));
        if (set.Bounds != (0, 1))
            throw new UserError($"{Option} {file}: the images are within {set.Bounds.Lower} to {set.Bounds.Upper}; models of the command line take 0 to 1.");
        using var model = LoadedModel.Read(settings, Originals(file, set));
        Judge(file, set, model);
    }

    // The originals with their labels, which the model is tried on first.
    private static TestData Originals(string file, AdversarialSet set)
    {
        using var scope = NewDisposeScope();
        return TestData.Of(file, new AdversarialSet(set.Images, set.Images, set.Labels, set.Met, set.Sizes) { Name = set.Name, ClassNames = set.ClassNames });
    }

    private void Judge(string file, AdversarialSet set, LoadedModel model)
    {
        using var scope = NewDisposeScope();
        var (images, adversarial) = (set.Images.to_type(ScalarType.Float32), set.Adversarial.to_type(ScalarType.Float32));
        var (judge, goal) = (new Judge(draws) { Seed = settings.Run.Seed }, set.Targets is { } targets ? Goal.Reach(targets) : Goal.Avoid(set.Labels));
        var clean = judge.Measure(model.View, images, set.Labels, goal, 0, cancellation);
        var attacked = judge.Measure(model.View, adversarial, set.Labels, goal, 0, cancellation);
        var (isSame, transferred) = (set.WeightsHash == model.WeightsHash(), Transferred(set, attacked));
        JudgementTable.Show($"{model.Name}: {(isSame ? "the model that was attacked" : "a transfer")}, {clean.Count} images", clean, attacked);
        AnsiConsole.MarkupLineInterpolated(
            $"Of those that fooled the attacked model, so many fool this one: [bold]{transferred?.ToString() ?? "there are none"}[/]");
        AtomicFile.WriteAll(settings.Run.Out, ("judge.json", Json.Text(new
        {
            schema = "defense-bench.judge/1", model = model.Name, adversarial = file, name = set.Name, attack = set.Attack, isAttackedModel = isSame,
            weights = set.WeightsHash, images = (long)clean.Count, draws = attacked.Draws, seed = $"{settings.Run.Seed}", isTargeted = set.Targets is not null,
            clean = clean.Accuracy, attacked = attacked.Accuracy, success = attacked.Success, transferred, origin = origin(model),
            findings = model.LowAccuracy is { } low ? new[] { low } : [],
        })));
        AnsiConsole.MarkupLineInterpolated($"Saved: {Path.GetFullPath(settings.Run.Out)} (judge.json)");
    }

    // The share of those images that the attack counted as successes, by majority; null where it counted none.
    private static Proportion? Transferred(AdversarialSet set, Judgement attacked)
    {
        var met = set.Met.data<bool>().ToArray();
        var tried = met.Count(one => one);
        return tried == 0 ? null : new Proportion(met.Where((one, i) => one && 2 * attacked.Met[i] > attacked.Draws).Count(), tried);
    }
}
