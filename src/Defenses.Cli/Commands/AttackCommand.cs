using System.CommandLine;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Zoo;
using Spectre.Console;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary><c>attack</c>: one attack on a saved model; the adversarial images are saved.</summary>
internal static class AttackCommand
{
    private static readonly ModelOptions Model = new("attack", 100);
    private static readonly Option<string> Attack = ModelOptions.Attack("pgd"), Epsilon = ModelOptions.Epsilon();
    private static readonly Option<int> Steps = ModelOptions.Steps(), EotDraws = ModelOptions.EotDraws(), Draws = ModelOptions.Draws();

    internal static Command Create()
    {
        var command = Model.With(new Command("attack",
            "Attack a saved model, judge on fresh draws, and save the images: adversarial.safetensors and attack.json.") { Attack, Epsilon, Steps, EotDraws,
            Draws });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => Run(parsed, stop)));
        return command;
    }

    private static async Task Run(ParseResult parsed, CancellationToken stop)
    {
        var settings = Model.Read(parsed);
        var (epsilon, named) = (NamedAttack.Epsilon(parsed.GetValue(Epsilon)!), NamedAttack.Find(parsed.GetValue(Attack)!));
        using var model = await LoadedModel.Read(settings, stop);
        using var scope = NewDisposeScope();
        var count = Math.Min(settings.Images, model.Data.Test.Count);
        var (images, labels) = (model.Data.Test.Images(0, count), model.Data.Test.Labels.narrow(0, 0, count));
        var classifier = model.Classifier;
        ModelView view = classifier.IsRandom && parsed.GetValue(EotDraws) > 1 ? new Eot(classifier, parsed.GetValue(EotDraws)) : classifier;
        using var result = named.Seeded(epsilon, parsed.GetValue(Steps), settings.Run.Seed).Run(view, images, labels, null, stop);
        var judge = new Judge(parsed.GetValue(Draws)) { Seed = settings.Run.Seed };
        var (clean, attacked) = (judge.Measure(classifier, images, labels, 0, stop), judge.Measure(classifier, result.Adversarial, labels, 0, stop));
        Show(model.Name, named.Name, epsilon, clean, attacked);
        Save(settings.Run.Out, new Dictionary<string, Tensor> { ["images"] = images, ["labels"] = labels, ["adversarial"] = result.Adversarial }, new
        {
            schema = "defense-bench.attack/1", model = model.Name, attack = named.Name, epsilon, seed = $"{settings.Run.Seed}", images = count,
            draws = attacked.Draws, clean = clean.Accuracy, attacked = attacked.Accuracy,
            attackOptions = $"{named.Seeded(epsilon, parsed.GetValue(Steps), settings.Run.Seed)}", origin = Origin.Of(parsed, model),
            view = view is Eot ? AttackerView.Eot(parsed.GetValue(EotDraws)).Name : AttackerView.Plain.Name,
        });
    }

    private static void Show(string model, string attack, double epsilon, Judgement clean, Judgement attacked)
    {
        var table = new Table().RoundedBorder().Title(Markup.Escape($"{model}: {attack}, ε = {epsilon * 255:0.##}/255, {clean.Count} images"));
        foreach (var column in new[] { "right answers", "one answer", "majority", "in every draw" }) table.AddColumn(column);
        foreach (var (name, rates) in new[] { ("without attack", clean.Accuracy), ("under attack", attacked.Accuracy) })
            table.AddRow(name, Markup.Escape($"{rates.MeanDraw}"), Markup.Escape($"{rates.Majority}"), Markup.Escape($"{rates.WorstOfK}"));
        AnsiConsole.Write(table);
    }

    private static void Save(string folder, Dictionary<string, Tensor> tensors, object description)
    {
        AtomicFile.WriteAll(folder, ("adversarial.safetensors", path => Safetensors.Write(path, tensors)),
            ("attack.json", path => AtomicFile.Write(path, Json.Text(description))));
        AnsiConsole.MarkupLineInterpolated($"Saved: {Path.GetFullPath(folder)} (attack.json, adversarial.safetensors)");
    }
}
