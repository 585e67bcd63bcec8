using System.Globalization;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Adversarial training by augmentation: trains a network, attacks it once with targeted C&amp;W, and
/// trains it again with the examples found.</summary>
/// <remarks>
/// Random training images with random targets are attacked at each of several confidences. Of the successes within a largest size, the smallest are
/// added with their original labels, and the training starts again from the same initial weights. Source: Ge et al. 2020, section 5.1. On a
/// random network a success is one that a majority of the attack's fresh draws confirms.
/// An interrupted run resumes from the folder and ends with the same weights.
/// </remarks>
public sealed class CwAugmentedTraining
{
    private readonly Bounds _bounds;

    /// <summary>A training.</summary>
    /// <param name="bounds">The valid range of the network's input images.</param>
    /// <param name="options">The options of both trainings; by default 40 epochs with the papers' settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are not finite and ascending.</exception>
    public CwAugmentedTraining(Bounds bounds, TrainingOptions? options = null)
    {
        _bounds = bounds.Checked(nameof(bounds));
        Options = options ?? new TrainingOptions();
    }

    /// <summary>The options of both trainings.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The objective of both trainings; by default the cross-entropy.</summary>
    public TrainingObjective Objective { get; init => field = Require.NotNull(value, nameof(Objective)); } = new CrossEntropyObjective();

    /// <summary>The attack; the training sets its confidence and seed for each part. By default C&amp;W in L2.</summary>
    public CarliniWagner Attack { get; init => field = Require.NotNull(value, nameof(Attack)); } = new();

    /// <summary>The confidences κ of the attacks, at least one; by default 0, 5, 10, 15, the paper's for MNIST.</summary>
    public IReadOnlyList<double> Confidences { get; init => field = [.. Require.NotEmpty(value, nameof(Confidences))]; } = [0, 5, 10, 15];

    /// <summary>Examples to attack at each confidence, at least 1; by default 3000.</summary>
    public int PerConfidence { get; init => field = Require.AtLeast(value, 1, nameof(PerConfidence)); } = 3000;

    /// <summary>The largest size that an example may have in the attack's norm, above 0; by default 3, the paper's for MNIST
    /// (1 for Fashion-MNIST and CIFAR-10).</summary>
    public double LargestSize { get; init => field = Require.Positive(value, nameof(LargestSize)); } = 3;

    /// <summary>The largest number of examples that are added, smallest first; at least 1, by default 10,000.</summary>
    public int Most { get; init => field = Require.AtLeast(value, 1, nameof(Most)); } = 10_000;

    /// <summary>Examples per attack and per saved file, at least 1; by default 100.</summary>
    public int BatchSize { get; init => field = Require.AtLeast(value, 1, nameof(BatchSize)); } = 100;

    /// <summary>Trains, attacks and trains again, or resumes where the folder's files end.</summary>
    /// <param name="network">(N, …) → logits (N, classes), with initial weights. Afterwards it has the final weights, in evaluation mode.</param>
    /// <param name="data">The training data, within the bounds, labelled with classes.</param>
    /// <param name="directory">The folder for checkpoints and adversarial examples; by default nothing is saved.</param>
    /// <param name="validation">Measured after every epoch of both trainings; by default nothing is.</param>
    /// <param name="score">The measure of the validation; by default the share recognised.</param>
    /// <param name="progress">Receives reports at the rate of <see cref="TrainingOptions.ReportEvery"/>, and after each attacked batch.</param>
    /// <param name="cancellation">Saves the work so far and stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The result of each epoch of the second training.</returns>
    /// <exception cref="ArgumentException">See <see cref="Trainer.Run"/>; or images are out of bounds.</exception>
    /// <exception cref="InvalidOperationException">No example succeeded within the largest size; or see <see cref="Trainer.Run"/>.</exception>
    public IReadOnlyList<EpochResult> Run(
        nn.Module<Tensor, Tensor> network, ITrainingData data, string? directory = null, ITrainingData? validation = null,
        ValidationScore? score = null, IProgress<AugmentationProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require.NotNull(network, nameof(network));
        Require.AtLeast(Require.NotNull(data, nameof(data)).Count, 1, nameof(data));
        using var start = new WeightSnapshot(network);
        var files = new AugmentationFiles(directory, Describe(network, data));
        files.KeepStart([.. start.State]);
        Train(AugmentationStage.First, data);
        var crafting = new AugmentationCrafting(this, new Classifier(network, _bounds), data, files);
        using var added = crafting.All(progress, cancellation);
        start.Restore();
        return Train(AugmentationStage.Second, new AugmentedData(data, added));

        IReadOnlyList<EpochResult> Train(AugmentationStage stage, ITrainingData on) =>
            new Trainer(Options with { Seed = Seeds.Combine(Options.Seed, $"{stage}") }, Objective) { Score = score ?? ValidationScore.Recognized }.Run(
                network, on, files.Training(stage), validation,
                progress is null ? null : new Relay(value => progress.Report(new AugmentationProgress(stage, value, null))), cancellation);
    }

    private string Describe(nn.Module network, ITrainingData data)
    {
        var state = network.state_dict().Select(entry => (entry.Key, entry.Value)).ToArray();
        return TrainingSettings.Describe(Options, Objective, data, state) + string.Create(CultureInfo.InvariantCulture,
            $"\nAugmentation: {Attack} at {string.Join(", ", Confidences)}, {PerConfidence} each by {BatchSize}, at most {Most} up to {LargestSize}, " +
            $"within [{_bounds.Lower}, {_bounds.Upper}]");
    }

    private sealed class Relay(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}

/// <summary>The parts of an augmented training, in their order.</summary>
public enum AugmentationStage
{
    /// <summary>The first training; its network is attacked.</summary>
    First,

    /// <summary>The attack.</summary>
    Attack,

    /// <summary>The second training, with the examples found.</summary>
    Second,
}

/// <summary>The progress of an augmented training.</summary>
/// <param name="Stage">The present part.</param>
/// <param name="Training">The progress of the present part, if it is a training.</param>
/// <param name="Attack">The number of attacked examples and the total, if the present part is the attack.</param>
public readonly record struct AugmentationProgress(AugmentationStage Stage, TrainingProgress? Training, AttackProgress? Attack);
