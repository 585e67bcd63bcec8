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
    internal const string OneDraw = "one draw", Unseen = "without the detectors", Seen = "with the detectors";

    private readonly Dictionary<string, AttackedImages> _attacked = [];
    private readonly Dictionary<string, Verdicts[]> _judged = [];

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
        foreach (var (view, look, goal) in Views(model, targets))
            foreach (var margin in sizes.Margins.Single)
            {
                var attacked = Attacked(model.Scheme, FormattableString.Invariant($"C&W on {model.Scheme.AttackedAs}, {view}, κ = {margin}"), margin, () => look, x, goal);
                var judged = FormattableString.Invariant($"C&W on {scheme}, {view}, κ = {margin}, judged");
                yield return context.Step(judged, () => new WhiteBoxResult(scheme, view, margin, attacked,
                    attacked.Judge(model.Deployed, x, labels, targets, model.JudgeDraws, context.SeedOf(judged), context.Cancellation)));
            }
    }

    private (string Name, ModelView Look, Goal Goal)[] Views(SchemeModel model, Tensor targets) => model switch
    {
        { Guard: { } guard } => [(Unseen, model.Once, Goal.Reach(targets)), (Seen, model.Once, new Detected(Goal.Reach(targets), new DetectorLimit(guard.Detectors, 0)))],
        { Once.IsRandom: true } => [(OneDraw, model.Once, Goal.Reach(targets)), ($"EOT {sizes.EotDraws}", new Eot(model.Once, sizes.EotDraws), Goal.Reach(targets))],
        _ => [("the model", model.Once, Goal.Reach(targets))],
    };

    // What is made on another scheme's models is made once.
    private AttackedImages Attacked(Scheme scheme, string what, double margin, Func<ModelView> view, Tensor x, Goal goal)
    {
        if (_attacked.TryGetValue(what, out var made)) return made;
        if (scheme.AttackedAs != scheme.Name && sizes.Schemes.Contains(scheme.AttackedAs)) throw new InvalidOperationException($"The scheme {scheme.Name} must come behind {scheme.AttackedAs}.");
        return _attacked[what] = context.Step(what, () => AttackedImages.Make(Attack(margin, what), view(), x, goal, context.Cancellation));
    }

    private SchemeTransfer Transfer(string scheme, double margin, Tensor x, Tensor labels, Tensor targets)
    {
        var known = Scheme.Named(scheme);
        var what = FormattableString.Invariant($"C&W on {sizes.Models.Surrogates} models of {known.AttackedAs}, κ = {margin}");
        var attacked = Attacked(known, what, margin, () => new Surrogates([.. models[scheme].Take(sizes.Models.Surrogates).Select(model => model.Once)]), x, Goal.Reach(targets));
        var verdicts = sizes.Schemes.ToDictionary(tested => tested, tested => Judged($"{what}, tested on {tested}", attacked, tested, x, labels, targets));
        return new SchemeTransfer(scheme, margin, attacked.Distance, attacked.Met, verdicts);
    }

    private Verdicts[] Judged(string what, AttackedImages attacked, string tested, Tensor x, Tensor labels, Tensor targets)
    {
        if (_judged.TryGetValue(what, out var made)) return made;
        return _judged[what] = context.Step(what, () => models[tested].Skip(sizes.Models.Surrogates).Select((model, number) =>
            attacked.Judge(model.Deployed, x, labels, targets, model.JudgeDraws, context.SeedOf($"judge {what} {number}"), context.Cancellation)).ToArray());
    }

    private CarliniWagner Attack(double margin, string what) => new()
    {
        Confidence = margin, Steps = sizes.Search.Steps, SearchSteps = sizes.Search.Rounds, LearningRate = sizes.Search.Rate, InitialConstant = sizes.Search.Constant, Seed = context.SeedOf(what),
    };

    // The first model of each scheme as deployed, and the random networks by single answers, too.
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
