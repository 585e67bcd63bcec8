using Defenses.Attacks;
using Defenses.Detection;
using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Attacks on images whose clean scores no threshold was chosen on: one that overshoots, and one that knows the guarded network, its
/// detector and the threshold.</summary>
internal sealed class MvmAdaptive(ProtocolContext context, Classifier model, Classifier guarded, MvmSizes size, MvmTask task)
{
    internal const string Overshooting = "BIM, all 50 steps", Knowing = "PGD that knows the detector";

    /// <summary>What the first of them does, behind "an attack that".</summary>
    internal const string GoesOn = "goes on when the image is misread";

    private const int Part = 10;

    internal static IReadOnlyList<string> Names { get; } = [Overshooting, Knowing];

    /// <summary>What each attack did, in the order of the images.</summary>
    internal IReadOnlyDictionary<string, DetectionOutcome> Measure(ReadOnlySpan<long> chosen, double threshold)
    {
        var images = chosen[..Math.Min(size.Adaptive.Images, chosen.Length)].ToArray();
        return Names.ToDictionary(name => name, name =>
        {
            var parts = images.Chunk(Part).Select((part, number) => context.Step($"{name}, {task.Guard}, part {number + 1}", () =>
                Attack(name, part, threshold, context.SeedOf($"{name} {number}")))).ToArray();
            return new DetectionOutcome([.. parts.SelectMany(part => part.Fooled)], [.. parts.SelectMany(part => part.Scores)]);
        });
    }

    private DetectionOutcome Attack(string name, long[] chosen, double threshold, ulong seed)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = context.Data.Test.Batch(chosen);
        guarded.Network.Reseed(seed);   // the detector draws in streams of its own while it is attacked
        using var result = name == Overshooting
            ? new Bim(task.Epsilon) { StepSize = task.Step, Steps = 50 }.Run(model, images, labels, cancellation: context.Cancellation)
            : Unseen(threshold, seed).Run(model, images, Goal(labels, threshold), cancellation: context.Cancellation);
        var fooled = model.Logits(result.Adversarial).argmax(1).ne(labels).data<bool>().ToArray();
        return new DetectionOutcome(fooled, [.. new SamplingDetector(guarded, draws: size.Draws) { Seed = seed }.Measure(result.Adversarial,
            context.Cancellation)]);
    }

    private CwPgd Unseen(double threshold, ulong seed) => new(task.Epsilon) { Steps = size.Adaptive.Steps, Restarts = 1, Seed = seed };

    private EvadeDetectors Goal(Tensor labels, double threshold) =>
        new(Defenses.Attacks.Goal.Avoid(labels), new DetectorLimit(new SamplingDetector(guarded, draws: size.Adaptive.Draws), threshold));
}
