using Defenses.Metrics;
using Defenses.Models;
using static Defenses.Papers.SpikingResults;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>How often harmless changes alter the predictions of each scheme's first model, step by step.</summary>
internal sealed class SpikingStability(ProtocolContext context, SpikingSizes sizes, IReadOnlyDictionary<string, SchemeModel[]> models)
{
    internal IReadOnlyList<StabilityCurve> UnderNoise() =>
        [.. Deciders().Select(decider => Curve(decider.Name, "noise", sizes.Distances, (x, labels, distance, seed) =>
        PredictionStability.UnderNoise(decider.Model, x, distance, labels, sizes.Stability.Repeats, seed)))];

    internal IReadOnlyList<StabilityCurve> UnderJpeg() =>
        [.. Deciders().Select(decider => Curve(decider.Name, "JPEG", [.. sizes.Qualities.Select(quality => (double)quality)], (x, labels, quality, seed) =>
            PredictionStability.UnderJpeg(decider.Model, x, (int)quality, labels, decider.Model.IsRandom ? sizes.Stability.Repeats : 1, seed)))];

    // As deployed, and the random networks by single answers, too.
    private IEnumerable<(string Name, Classifier Model)> Deciders() => sizes.Schemes.Select(scheme => models[scheme][0])
        .SelectMany(model => model.Once.IsRandom && !model.Scheme.Votes
            ? new[] { (model.Scheme.Name, model.Deployed), ($"{model.Scheme.Name}, one draw", model.Once) }
            : [(model.Scheme.Name, model.Deployed)]);

    private StabilityCurve Curve(string name, string change, double[] strengths, Func<Tensor, Tensor, double, ulong, PredictionStabilityResult> measure) =>
        new(name, strengths, [.. strengths.Select(strength =>
            context.Step($"stability of {name} under {change} {strength}", () =>
            {
                using var scope = NewDisposeScope();
                var count = Math.Min(sizes.Stability.Images, context.Data.Test.Count);
                return measure(context.Data.Test.Images(0, count), context.Data.Test.Labels.narrow(0, 0, count), strength,
                    context.SeedOf($"{change} {strength}"));
            }))]);
}
