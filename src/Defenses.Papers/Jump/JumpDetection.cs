using Defenses.Detection;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Table 3: how well local intrinsic dimensionality tells attacked images from clean ones, in the plain network with rectifiers and with
/// jumps.</summary>
internal sealed class JumpDetection(ProtocolContext context, JumpSizes sizes, JumpTask task)
{
    /// <summary>Clean images among which neighbours are sought, and how many neighbours.</summary>
    internal const int Reference = 100, Neighbors = 20;
    private const int Block = 100, Fewest = 4;

    /// <summary>Attacks each of the two models, and takes its estimates at every activation; null where both recognise fewer than four images.</summary>
    internal DetectorScores? Measure(IReadOnlyList<JumpModel> models)
    {
        JumpModel[] compared = [.. new[] { 0, task.Jump.Kappa }.Select(kappa => models.Single(model => model.Name == JumpModel.NameOf(kappa)))];
        var chosen = context.Step("local dimensionality, images", () => Recognised(compared));
        if (chosen.Length < Fewest) return null;
        var scores = new DetectorScores();
        foreach (var model in compared) Add(scores, model, chosen);
        return scores;
    }

    private void Add(DetectorScores scores, JumpModel model, long[] chosen)
    {
        using var reference = context.Data.Train.Images(context.Data.Train.Count - Reference, Reference);
        using var detector = new LocalIntrinsicDimensionality(model.Model, Activations(model), reference, Neighbors);
        foreach (var attack in task.Attacks(sizes.TrustSteps).Prepend(null))
        {
            var kind = attack?.Name ?? DetectorScores.Clean;
            var name = $"local dimensionality, {kind} on {model.Name}";
            var blocks = context.Blocks(name, chosen.Length, Block, (part, start, count) => Estimates(detector, model, attack, chosen.AsSpan(start, count),
                context.SeedOf(name + part)));
            scores.Add(model.Name, isFitted: true, kind, blocks.SelectMany(block => block));
        }
    }

    // One row for each image, one number for each activation.
    private double[][] Estimates(LocalIntrinsicDimensionality detector, JumpModel model, PaperAttack? attack, ReadOnlySpan<long> chosen, ulong seed)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = context.Data.Test.Batch(chosen);
        if (attack is not null)
            images = (attack.Attack with { Seed = seed }).Run(model.Model, images, labels, cancellation: context.Cancellation).Adversarial;
        using var noGrad = no_grad();
        var found = detector.Estimates(images).to_type(ScalarType.Float64).contiguous();
        return [.. found.data<double>().ToArray().Chunk((int)found.shape[1])];
    }

    private static string[] Activations(JumpModel model) =>
        [.. model.Network.named_modules().Select(module => module.name).Where(name => name.StartsWith("relu", StringComparison.Ordinal))];

    // The first test images that both recognise.
    private long[] Recognised(JumpModel[] compared)
    {
        var answers = compared.Select(model => ImageAnswers.Right(model.Model.Logits, context.Data.Test, context.Cancellation)).ToArray();
        return [.. answers[0].Zip(answers[1], (first, second) => first && second).Select((isRight, image) => (isRight, Image: (long)image))
            .Where(each => each.isRight).Take(sizes.Detected).Select(each => each.Image)];
    }
}
