using System.Globalization;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Makes the adversarial examples of an augmented training, batch by batch, each from its own seed.</summary>
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
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"None of {total} attacks succeeded with a size of at most {training.LargestSize}: there is nothing to add. " +
                $"Raise LargestSize, or give the attack more steps."));
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

    // Fills in the images and sizes of the attack; an example without success gets an infinite size.
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

/// <summary>The files of an augmented training in its folder; none without a folder.</summary>
internal sealed class AugmentationFiles(string? directory, string settings)
{
    /// <summary>The checkpoint file of a training.</summary>
    internal string? Training(AugmentationStage stage) => At($"{stage}.checkpoint".ToLowerInvariant());

    /// <summary>Saves the initial weights, or reads the saved ones into the given tensors.</summary>
    internal void KeepStart(IReadOnlyList<(string Name, Tensor Value)> weights)
    {
        if (!Read("start", weights)) Write("start", weights);
    }

    /// <summary>Reads a file into tensors of its shapes, if it exists.</summary>
    internal bool Read(string name, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        if (At(name) is not { } path || !File.Exists(path)) return false;
        TrainingCheckpoint.Load(path, settings, new TrainingPosition(), tensors);
        return true;
    }

    internal void Write(string name, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        if (At(name) is { } path) TrainingCheckpoint.Save(path, settings, new TrainingPosition(), tensors);
    }

    private string? At(string name) => directory is null ? null : Path.Combine(directory, name);
}

/// <summary>Adversarial examples on the CPU: images (N, …), their correct classes (N,), the sizes of the perturbations (N,).</summary>
internal sealed class AdversarialExamples(Tensor images, Tensor labels, Tensor sizes) : IDisposable
{
    internal Tensor Images => images;

    internal Tensor Labels => labels;

    internal Tensor Sizes => sizes;

    /// <summary>The tensors to save.</summary>
    internal IReadOnlyList<(string Name, Tensor Value)> State => [("images", images), ("labels", labels), ("sizes", sizes)];

    /// <summary>The examples up to a size.</summary>
    internal AdversarialExamples Within(double largest) => Select((sizes <= largest).nonzero().squeeze(1));

    /// <summary>The smallest examples of all, smallest first; of equal sizes the earlier.</summary>
    internal static AdversarialExamples Smallest(IReadOnlyList<AdversarialExamples> parts, int most)
    {
        using var scope = NewDisposeScope();
        var all = new AdversarialExamples(
            cat([.. parts.Select(part => part.Images)]), cat([.. parts.Select(part => part.Labels)]), cat([.. parts.Select(part => part.Sizes)]));
        var values = all.Sizes.data<double>().ToArray();
        long[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i]).Take(most).Select(i => (long)i)];
        return all.Select(tensor(order)).MoveToOuterDisposeScope();
    }

    internal AdversarialExamples MoveToOuterDisposeScope()
    {
        foreach (var (_, value) in State) value.MoveToOuterDisposeScope();
        return this;
    }

    internal AdversarialExamples DetachFromDisposeScope()
    {
        foreach (var (_, value) in State) value.DetachFromDisposeScope();
        return this;
    }

    public void Dispose()
    {
        foreach (var (_, value) in State) value.Dispose();
    }

    private AdversarialExamples Select(Tensor rows) => new(images.index_select(0, rows), labels.index_select(0, rows), sizes.index_select(0, rows));
}

/// <summary>Other data, followed by adversarial examples with their correct labels.</summary>
internal sealed class AugmentedData(ITrainingData data, AdversarialExamples added) : ITrainingData
{
    public long Count => data.Count + added.Images.shape[0];

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        using var scope = NewDisposeScope();
        var numbers = indices.ToArray();
        long[] own = [.. numbers.Where(number => number < data.Count)],
            more = [.. numbers.Where(number => number >= data.Count).Select(number => number - data.Count)];
        var rows = tensor(more);
        var (images, labels) = (added.Images.index_select(0, rows), added.Labels.index_select(0, rows));
        if (own.Length > 0)
        {
            var (ownImages, ownLabels) = data.Batch(own);
            (images, labels) = (cat([ownImages.cpu(), images]), cat([ownLabels.cpu(), labels]));
        }
        var (ownPlace, morePlace) = (0L, (long)own.Length);
        var order = tensor(Array.ConvertAll(numbers, number => number < data.Count ? ownPlace++ : morePlace++));
        return (images.index_select(0, order).MoveToOuterDisposeScope(), labels.index_select(0, order).MoveToOuterDisposeScope());
    }
}
