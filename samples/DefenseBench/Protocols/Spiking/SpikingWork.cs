using Defenses.Attacks;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Training;
using static DefenseBench.Protocols.Spiking.SpikingResults;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Spiking;

/// <summary>The measurements of the protocol on trained models, step by step.</summary>
internal sealed class SpikingWork(ProtocolContext context, SpikingSizes sizes, IReadOnlyDictionary<string, SchemeModel[]> models)
{
    internal SpikingResults Measure()
    {
        var count = Math.Min(sizes.Attacked, context.Data.Test.Count);
        using var x = context.Data.Test.Images(0, count);
        using var labels = context.Data.Test.Labels.narrow(0, 0, count);
        using var targets = tensor(context.Step("targets", () => Targets(x, labels)));
        return new SpikingResults
        {
            Accuracy = [.. sizes.Schemes.Select(Accuracy)],
            WhiteBox = [.. sizes.Schemes.SelectMany(scheme => WhiteBox(scheme, x, labels, targets))],
            Transfer = [.. sizes.Schemes.SelectMany(scheme => sizes.Margins.Multi.Select(margin => Transfer(scheme, margin, x, labels, targets)))],
            Noise = [.. Deciders().Select(decider => Noise(decider.Name, decider.Model))],
            Jpeg = [.. Deciders().Select(decider => Jpeg(decider.Name, decider.Model))],
        };
    }

    // A class at random that is neither the label nor what the first model of any scheme sees.
    private long[] Targets(Tensor x, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(context.SeedOf("targets"));
        var taken = models.Values.Select(scheme => scheme[0].Once.Logits(x).argmax(1).data<long>().ToArray()).Append([.. labels.data<long>()]).ToArray();
        return [.. Enumerable.Range(0, (int)x.shape[0]).Select(image =>
        {
            long[] free = [.. Enumerable.Range(0, context.Data.Test.ClassNames.Count).Select(number => (long)number).Where(number => taken.All(each => each[image] != number))];
            return free[random.Index(free.Length)];
        })];
    }

    private SchemeAccuracy Accuracy(string scheme) => context.Step($"accuracy of {scheme}", () =>
    {
        using var data = context.Data.Test.Take(Math.Min(sizes.AccuracyImages, context.Data.Test.Count));
        Accuracy Of(Classifier model, int number) =>
            Defenses.Training.Accuracy.Measure(model.Network, data, context.SeedOf($"accuracy {scheme} {number}"), cancellation: context.Cancellation);
        Proportion Rate(Accuracy accuracy) => new(accuracy.Correct, accuracy.Count);
        Accuracy[] all = [.. models[scheme].Select((model, number) => Of(model.Deployed, number))];
        return new SchemeAccuracy(scheme, Rate(all[0]), Rate(Of(models[scheme][0].Once, -1)), [.. all.Select(accuracy => accuracy.Value)]);
    });

    private IEnumerable<WhiteBoxResult> WhiteBox(string scheme, Tensor x, Tensor labels, Tensor targets)
    {
        var model = models[scheme][0];
        var views = model.Once.IsRandom ? new[] { ("one draw", (ModelView)model.Once), ($"EOT {sizes.EotDraws}", new Eot(model.Once, sizes.EotDraws)) } : [("the model", model.Once)];
        foreach (var (name, view) in views)
            foreach (var margin in sizes.Margins.Single)
            {
                var what = $"C&W on {scheme}, {name}, κ = {margin}";
                yield return context.Step(what, () =>
                {
                    var attacked = AttackedImages.Make(Attack(margin, what), view, x, targets, context.Cancellation);
                    return new WhiteBoxResult(scheme, name, margin, attacked,
                        attacked.Judge(model.Deployed, x, labels, targets, sizes.JudgeDraws, context.SeedOf($"judge {what}"), context.Cancellation));
                });
            }
    }

    private SchemeTransfer Transfer(string scheme, double margin, Tensor x, Tensor labels, Tensor targets)
    {
        var what = $"C&W on {sizes.Models.Surrogates} models of {scheme}, κ = {margin}";
        var attacked = context.Step(what, () =>
            AttackedImages.Make(Attack(margin, what), new Surrogates([.. models[scheme].Take(sizes.Models.Surrogates).Select(model => model.Once)]), x, targets, context.Cancellation));
        var verdicts = sizes.Schemes.ToDictionary(tested => tested, tested => context.Step($"{what}, tested on {tested}", () => models[tested].Skip(sizes.Models.Surrogates)
            .Select((model, number) => attacked.Judge(model.Deployed, x, labels, targets, sizes.JudgeDraws, context.SeedOf($"judge {what} {tested} {number}"), context.Cancellation)).ToArray()));
        return new SchemeTransfer(scheme, margin, attacked.Distance, attacked.Met, verdicts);
    }

    private CarliniWagner Attack(double margin, string what) => new()
    {
        Confidence = margin, Steps = sizes.Search.Steps, SearchSteps = sizes.Search.Rounds, LearningRate = sizes.Search.Rate, InitialConstant = sizes.Search.Constant, Seed = context.SeedOf(what),
    };

    // The first model of each scheme as deployed, and the random ones by single answers, too.
    private IEnumerable<(string Name, Classifier Model)> Deciders() => sizes.Schemes.Select(scheme => models[scheme][0]).SelectMany(model => model.Once.IsRandom
        ? new[] { (model.Scheme.Name, model.Deployed), ($"{model.Scheme.Name}, one draw", model.Once) }
        : [(model.Scheme.Name, model.Deployed)]);

    private StabilityCurve Noise(string name, Classifier model) => Curve(name, "noise", sizes.Distances, (x, labels, distance, seed) =>
        PredictionStability.UnderNoise(model, x, distance, labels, sizes.Stability.Repeats, seed));

    private StabilityCurve Jpeg(string name, Classifier model) => Curve(name, "JPEG", [.. sizes.Qualities.Select(quality => (double)quality)], (x, labels, quality, seed) =>
        PredictionStability.UnderJpeg(model, x, (int)quality, labels, model.IsRandom ? sizes.Stability.Repeats : 1, seed));

    private StabilityCurve Curve(string name, string change, double[] strengths, Func<Tensor, Tensor, double, ulong, Stability> measure) => new(name, strengths, [.. strengths.Select(strength =>
        context.Step($"stability of {name} under {change} {strength}", () =>
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(sizes.Stability.Images, context.Data.Test.Count);
            return measure(context.Data.Test.Images(0, count), context.Data.Test.Labels.narrow(0, 0, count), strength, context.SeedOf($"{change} {strength}"));
        }))]);
}
