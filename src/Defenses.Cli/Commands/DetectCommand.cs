using System.CommandLine;
using Defenses.Detection;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Retrofit;
using Spectre.Console;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary><c>detect</c>: how well attacked images are told from clean ones by the disagreement of a random network with itself.</summary>
internal static class DetectCommand
{
    private static readonly ModelOptions Model = new("detection", 100);
    private static readonly Option<string> Attack = ModelOptions.Attack("fgsm"), Epsilon = ModelOptions.Epsilon();
    private static readonly Option<int> Steps = ModelOptions.Steps(), Draws = CommonOptions.Whole("--draws", "Answers behind a score, at least 2.", 100,
        least: 2);

    private static readonly Option<string> Sampling = new Option<string>("--sampling")
    {
        Description = "Where chance comes from: mvm or sap, put behind every ReLU before the last; own: the network's own draws (a switching network).",
        DefaultValueFactory = _ => "mvm",
    }.AcceptOnlyFromAmong("mvm", "sap", "own");

    internal static Command Create()
    {
        var command = Model.With(new Command("detect",
            "Attack a model and tell the attacked images from the clean ones: detect.json, detect.md and detect.html with the ROC.") { Sampling, Attack,
            Epsilon, Steps, Draws });
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => Run(parsed, stop)));
        return command;
    }

    private static async Task Run(ParseResult parsed, CancellationToken stop)
    {
        var settings = Model.Read(parsed);
        var (epsilon, named, sampling) = (NamedAttack.Epsilon(parsed.GetValue(Epsilon)!), NamedAttack.Find(parsed.GetValue(Attack)!),
            parsed.GetValue(Sampling)!);
        using var model = await LoadedModel.Read(settings, stop);
        using var scope = NewDisposeScope();
        if (sampling == "own" && !model.Classifier.IsRandom)
            throw new UserError($"--sampling own needs a network that draws; {model.Name} does not. Use mvm or sap.");
        var (images, labels) = Recognised(model);
        using var result = named.Seeded(epsilon, parsed.GetValue(Steps), settings.Run.Seed).Run(model.Classifier, images, labels, null, stop);
        using var layers = Put(model, sampling);
        model.Network.Reseed(settings.Run.Seed);
        var classifier = model.Classifier;
        var detector = new SamplingDetector(classifier, draws: parsed.GetValue(Draws)) { Seed = settings.Run.Seed };
        var roc = new RocCurve(detector.Measure(images, stop), detector.Measure(result.Adversarial, stop));
        Save(settings.Run.Out, Page(model, $"{named.Name}, ε = {epsilon * 255:0.##}/255", sampling, roc, parsed.GetValue(Draws), $"{settings.Run.Seed}"), new
        {
            schema = "defense-bench.detection/1", model = model.Name, attack = named.Name, epsilon, sampling, draws = parsed.GetValue(Draws),
            seed = $"{settings.Run.Seed}", clean = roc.Clean, attacked = roc.Attacked,
            auc = roc.AucWithin(), truePositivesAt1Percent = roc.TruePositiveRateAt(0.01, settings.Run.Seed),
            truePositivesAt5Percent = roc.TruePositiveRateAt(0.05, settings.Run.Seed), points = roc.Points,
            attackOptions = $"{named.Seeded(epsilon, parsed.GetValue(Steps), settings.Run.Seed)}", origin = Origin.Of(parsed, model),
        });
        AnsiConsole.MarkupLineInterpolated(
            $"Area under the ROC curve: [bold]{$"{roc.AucWithin()}"}[/]; detected at 5 % false alarms: {$"{roc.TruePositiveRateAt(0.05, settings.Run.Seed)}"}");
        AnsiConsole.MarkupLineInterpolated($"Saved: {Path.GetFullPath(settings.Run.Out)} (detect.json, detect.md, detect.html)");
    }

    private static IDisposable? Put(LoadedModel model, string sampling)
    {
        if (sampling == "own") return null;
        if (model.Network is ScriptNetwork)
            throw new UserError($"--sampling {sampling} puts layers in, and what is inside a TorchScript file is compiled. Give the weights with --network.");
        var last = model.Network.named_modules().Where(module => module.module is ReLU).Select(module => module.name).LastOrDefault();
        using var images = model.Data.Read(0, Math.Min(2, model.Data.Chosen)).Images;
        using var probe = model.Preprocessing?.Invoke(images) ?? images.alias();
        return model.Network.InsertAfter<ReLU>(path => path == last ? null : sampling == "mvm" ? new MvmSampling(0.5) : new StochasticActivationPruning(),
            probe);
    }

    private static (Tensor Images, Tensor Labels) Recognised(LoadedModel model)
    {
        var (all, labels) = model.Data.Read(0, model.Data.Chosen);
        var rows = model.Classifier.Logits(all).argmax(1).eq(labels).nonzero().flatten();
        return rows.shape[0] >= 2 ? (all.index_select(0, rows), labels.index_select(0, rows))
            : throw new UserError($"The model recognises {rows.shape[0]} of {all.shape[0]} images: there is nothing to detect. Check the weights, or use "
            + "more --images.");
    }

    private static Page Page(LoadedModel model, string attack, string sampling, RocCurve roc, int draws, string seed) => new()
    {
        Eyebrow = $"Detection: {model.Name}, {model.Data.Name}",
            Title = FormattableString.Invariant($"Of a clean and an attacked image, the attacked one has the higher score in {100 * roc.Auc:0} of 100 pairs."),
        Lead = [$"The network was asked {draws} times about each image; the less its answers agree, the higher the score. The attack ({attack}) does not "
            + "know the detector: an attacker who does may do better."],
        Sections =
        [
            new PageSection("How many attacks are found for how many false alarms")
            {
                Tables = [new PageTable("", "Attack", ["area under the curve", "found at 1 % false alarms", "found at 5 % false alarms"],
                    [new PageRow(attack, [PageCell.Of(roc.AucWithin()), PageCell.Of(roc.TruePositiveRateAt(0.01), null, NumberUnit.Percent),
                        PageCell.Of(roc.TruePositiveRateAt(0.05), null, NumberUnit.Percent)])])],
                Figures = [CurveFigure.Roc($"ROC: {attack}",
                    [new FigureSeries(sampling, [.. roc.Points.Select(point => new FigurePoint(point.FalsePositiveRate, point.TruePositiveRate))])])],
            },
        ],
        Method = [new("Images", $"{roc.Clean} that the model recognises, clean and attacked"), new("Sampling", sampling), new("Seed", seed)],
    };

    private static void Save(string folder, Page page, object numbers)
    {
        AtomicFile.WriteAll(folder, ("detect.json", Json.Text(numbers)), ("detect.md", page.ToMarkdown()), ("detect.html", page.ToHtml()));
    }
}
