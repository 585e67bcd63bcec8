using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Training;
using static Defenses.Papers.SpikingResults;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The measurements of the protocol on trained models, step by step.</summary>
internal sealed class SpikingMeasurement(ProtocolContext context, SpikingSizes sizes, IReadOnlyDictionary<string, SchemeModel[]> models)
{
    internal SpikingResults Measure()
    {
        var count = Math.Min(sizes.Attacked, context.Data.Test.Count);
        using var x = context.Data.Test.Images(0, count);
        using var labels = context.Data.Test.Labels.narrow(0, 0, count);
        using var targets = tensor(context.Step("targets", () => Targets(x, labels)));
        var (attacks, stability) = (new SpikingAttacks(context, sizes, models, x, labels, targets), new SpikingStability(context, sizes, models));
        return new SpikingResults
        {
            Accuracy = [.. sizes.Schemes.Select(Accuracy)],
            WhiteBox = [.. sizes.Schemes.SelectMany(attacks.WhiteBox)],
            Transfer = [.. sizes.Schemes.SelectMany(scheme => sizes.Margins.Multi.Select(margin => attacks.Transfer(scheme, margin)))],
            Region = [.. sizes.Schemes.Where(scheme => DefenseScheme.Named(scheme).AsksRegion).Select(attacks.AroundRegion)],
            Noise = stability.UnderNoise(), Jpeg = stability.UnderJpeg(),
        };
    }

    // A class at random that is neither the label nor what the first model of any scheme sees.
    private long[] Targets(Tensor x, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(context.SeedOf("targets"));
        var different = models.Where(scheme => !DefenseScheme.Named(scheme.Key).Votes).Select(scheme => scheme.Value[0].Once);
            // a vote has the networks of another scheme
        var taken = different.Select(model => model.Logits(x).argmax(1).data<long>().ToArray()).Append([.. labels.data<long>()]).ToArray();
        return [.. Enumerable.Range(0, (int)x.shape[0]).Select(image =>
        {
            long[] free = [.. Enumerable.Range(0, context.Data.Test.ClassNames.Count).Select(number => (long)number)
                .Where(number => taken.All(each => each[image] != number))];
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
}
