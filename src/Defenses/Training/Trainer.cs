using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The plain training loop: shuffled batches, a loss, a gradient step; repeatable, and resumable at any moment.</summary>
/// <remarks>
/// A run is a function of the initial weights, the data, the options and the objective: on the CPU, with the same number of threads, it ends with the
/// same weights bit for bit, however often it was killed and started again from its checkpoint. Everything that draws (the order of the
/// examples, the network's stochastic layers, the objective) draws from streams seeded by hash(seed, epoch, step); torch's global
/// generator is left alone.
/// </remarks>
public sealed class Trainer
{
    // torch's modules that draw from its global generator; by name, for not every version has all of them.
    private static readonly string[] s_global = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "RReLU"];

    /// <summary>A trainer.</summary>
    /// <param name="options">By default 40 epochs with the papers' settings.</param>
    /// <param name="objective">What to minimise; by default the cross-entropy of logits and labels.</param>
    public Trainer(TrainingOptions? options = null, TrainingObjective? objective = null)
    {
        Options = options ?? new TrainingOptions();
        Objective = objective ?? new CrossEntropyObjective();
    }

    /// <summary>How it trains.</summary>
    public TrainingOptions Options { get; }

    /// <summary>What it minimises.</summary>
    public TrainingObjective Objective { get; }

    /// <summary>What is measured on the validation data; by default the share recognised.</summary>
    public ValidationScore Score { get; init => field = Require.NotNull(value, nameof(Score)); } = ValidationScore.Recognized;

    /// <summary>Trains a network from its present weights, or from the checkpoint if there is one.</summary>
    /// <param name="network">(N, …) → logits (N, classes). Parameters that do not require gradients stay as they are. Left in evaluation mode.</param>
    /// <param name="data">What to train on; moved to the network's device batch by batch.</param>
    /// <param name="checkpoint">
    /// A file that always holds the whole state of the run: written at the beginning, after every epoch, at least once per
    /// <see cref="TrainingOptions.CheckpointInterval"/>, and on cancellation. If it exists the run goes on from it; a finished one is only
    /// loaded. By default nothing is saved.
    /// </param>
    /// <param name="validation">Measured after every epoch by <see cref="Score"/>; by default nothing is. Early stopping needs it.</param>
    /// <param name="progress">Told every <see cref="TrainingOptions.ReportEvery"/> steps and after every epoch.</param>
    /// <param name="cancellation">Saves the checkpoint and stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The result of each epoch, those before a resumption included.</returns>
    /// <exception cref="ArgumentException">The data are empty, labels and logits do not fit, or validation data are missing for early stopping.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network has nothing to train or draws from torch's global generator; the checkpoint belongs to other settings; or the loss is no longer a number.
    /// </exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    public IReadOnlyList<EpochResult> Run(
        nn.Module<Tensor, Tensor> network, ITrainingData data, string? checkpoint = null, ITrainingData? validation = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require.NotNull(network, nameof(network));
        Require.AtLeast(Require.NotNull(data, nameof(data)).Count, 1, nameof(data));
        if (validation is not null) Require.AtLeast(validation.Count, 1, nameof(validation));
        if (Options.EarlyStopping is not null && validation is null)
            throw new ArgumentNullException(nameof(validation),
                "validation must be given when TrainingOptions.EarlyStopping is set: its score decides when to stop.");
        RequireTrainable(network);
        if (!Options.AllowGlobalGenerator) RequireOwnStreams(network);
        using var run = new TrainingRun(Options, new TrainingTask
        {
            Network = network, Data = data, Objective = Objective, Validation = validation, Score = Score, Checkpoint = checkpoint, Progress = progress,
        });
        return run.RunToEnd(cancellation);
    }

    private static void RequireTrainable(nn.Module network)
    {
        if (!network.parameters().Any(parameter => parameter.requires_grad))
            throw new InvalidOperationException(
                "The network has no parameter that requires gradients: there is nothing to train. Call requires_grad_() on its parameters.");
    }

    private static void RequireOwnStreams(nn.Module network)
    {
        foreach (var (path, module) in network.named_modules())
            if (module.GetType() is { Namespace: "TorchSharp.Modules" } type && s_global.Contains(type.Name))
                throw new InvalidOperationException(
                    $"The network has torch's {type.Name} at '{path}', which draws from torch's global generator: " +
                    $"the run could be neither repeated nor resumed " +
                    "exactly. Use new DefensiveDropout(rate) { ActiveIn = Phases.Training } in its place, or set TrainingOptions.AllowGlobalGenerator.");
    }
}

/// <summary>What one epoch gave.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">The mean loss over the epoch's examples, each measured just before the step that it took part in.</param>
/// <param name="Accuracy">The fraction of the epoch's examples that were recognised then, in training mode.</param>
/// <param name="ValidationAccuracy">
/// The training's <see cref="ValidationScore"/> after the epoch: by default the fraction of the validation examples recognised, in evaluation mode with
/// fresh draws; null without validation data.
/// </param>
public readonly record struct EpochResult(int Epoch, double Loss, double Accuracy, double? ValidationAccuracy);

/// <summary>How far a training is.</summary>
/// <param name="Epoch">The epoch it is in, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">The mean loss of this epoch so far.</param>
/// <param name="Accuracy">The fraction recognised of this epoch so far, in training mode.</param>
/// <param name="ImagesPerSecond">Since this run began.</param>
/// <param name="TimeLeft">At that speed.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long Steps, double Loss, double Accuracy, double ImagesPerSecond, TimeSpan TimeLeft);

/// <summary>What one run trains, on what, towards what, and whom it tells.</summary>
internal sealed class TrainingTask
{
    internal required nn.Module<Tensor, Tensor> Network { get; init; }
    internal required ITrainingData Data { get; init; }
    internal required TrainingObjective Objective { get; init; }
    internal ITrainingData? Validation { get; init; }
    internal required ValidationScore Score { get; init; }
    internal string? Checkpoint { get; init; }
    internal IProgress<TrainingProgress>? Progress { get; init; }
}
