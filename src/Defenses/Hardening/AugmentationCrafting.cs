using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Makes the adversarial examples of an augmented training, batch by batch, each from seeds of its own.</summary>
internal sealed class AugmentationCrafting(CwAugmentedTraining training, Classifier model, ITrainingData data, AugmentationFiles files)
{
    /// <summary>The smallest successes of all batches, smallest first.</summary>
    internal AdversarialExamples All(IProgress<AugmentationProgress>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var found = new List<AdversarialExamples>();
        var total = (long)training.Confidences.Count * training.PerConfidence;
        for (var level = 0; level < training.Confidences.Count; level++)
            for (var first = 0; first < training.PerConfidence; first += training.BatchSize)
            {
                cancellation.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var count = Math.Min(training.BatchSize, training.PerConfidence - first);
                found.Add(Batch(level, first, count, cancellation).Within(training.LargestSize).MoveToOuterDisposeScope());
                progress?.Report(new AugmentationProgress(
                    AugmentationStage.Attack, null, new AttackProgress((long)level * training.PerConfidence + first + count, total)));
            }
        var smallest = AdversarialExamples.Smallest(found, training.Most);
        if (smallest.Images.shape[0] == 0)
            throw new InvalidOperationException(FormattableString.Invariant(
                $"None of {total} attacks succeeded with a size of at most {training.LargestSize}: there is nothing to add. Raise LargestSize, or attack longer."));
        return smallest.DetachFromDisposeScope();
    }

    private AdversarialExamples Batch(int level, int first, int count, CancellationToken cancellation)
    {
        var seed = Seeds.Combine(Seeds.Combine(Seeds.Combine(training.Options.Seed, "augmentation"), level), first);
        using var random = new RandomSource(seed);
        var (images, labels) = data.Batch(random.Indices(data.Count, count));
        if (labels.dim() != 1)
            throw new ArgumentException($"data must be labelled with classes, (N,); its labels have shape {Require.Shape(labels)}.", nameof(data));
        var name = $"attacked-{level}-{first}";
        var examples = new AdversarialExamples(images.cpu().clone(), labels.cpu(), full([count], double.PositiveInfinity, dtype: ScalarType.Float64));
        if (files.Read(name, examples.State)) return examples;
        Attack(images, labels, training.Confidences[level], random, examples, cancellation);
        files.Write(name, examples.State);
        return examples;
    }

    // Fills in the successes, and infinity as the size of the others.
    private void Attack(Tensor images, Tensor labels, double confidence, RandomSource random, AdversarialExamples examples, CancellationToken cancellation)
    {
        var device = model.Network.parameters().First().device;
        var (x, classes) = (images.to(device), labels.to(device));
        model.Logits(x.narrow(0, 0, 1)).Dispose();   // makes the number of classes known
        var away = tensor(random.Indices(model.Classes - 1, labels.shape[0]), device: device) + 1;   // any class but the label
        var attack = training.Attack with { Confidence = confidence, Seed = random.Seed };
        using var result = attack.Run(model, x, Goal.Reach((classes + away) % model.Classes), cancellation: cancellation);
        examples.Images.copy_(result.Adversarial);
        examples.Sizes.copy_(where(result.Met, result.Size.to_type(ScalarType.Float64), double.PositiveInfinity));
    }
}
