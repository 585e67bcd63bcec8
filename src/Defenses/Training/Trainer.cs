using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The training loop: shuffled batches, a loss, a gradient step. Runs are repeatable, and can be resumed at any moment.</summary>
/// <remarks>
/// A run is a function of the initial weights, the data, the options and the objective: on the CPU, with the same number of threads, it ends with the
/// same weights bit for bit, however often it was interrupted and resumed from its checkpoint. Everything that draws (the order of the
/// examples, the network's stochastic layers, the objective) draws from streams seeded by hash(seed, epoch, step); torch's global
/// generator is not used.
/// </remarks>
public sealed class Trainer
{
    // torch's modules that draw from its global generator; by name, because not every version has all of them.
    private static readonly string[] s_global = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "RReLU"];

    /// <summary>A trainer.</summary>
    /// <param name="options">By default 40 epochs with the papers' settings.</param>
    /// <param name="objective">The loss to minimize; by default the cross-entropy of logits and labels.</param>
    public Trainer(TrainingOptions? options = null, TrainingObjective? objective = null)
    {
        Options = options ?? new TrainingOptions();
        Objective = objective ?? new CrossEntropyObjective();
    }

    /// <summary>The options of the training.</summary>
    public TrainingOptions Options { get; }

    /// <summary>The loss that is minimized.</summary>
    public TrainingObjective Objective { get; }

    /// <summary>The score on the validation data; by default the share recognized.</summary>
    public ValidationScore Score { get; init => field = Require.NotNull(value, nameof(Score)); } = ValidationScore.Recognized;

    /// <summary>Trains a network from its current weights, or from the checkpoint if there is one.</summary>
    /// <param name="network">(N, …) → logits (N, classes). Parameters that do not require gradients stay as they are.
    /// Afterwards it is in evaluation mode.</param>
    /// <param name="data">The training data; moved to the network's device batch by batch.</param>
    /// <param name="checkpoint">
    /// A file that always holds the whole state of the run: written at the beginning, after every epoch, at least once per
    /// <see cref="TrainingOptions.CheckpointInterval"/>, and on cancellation. If the file exists, the run continues from it; a finished run is only
    /// loaded. By default nothing is saved.
    /// </param>
    /// <param name="validation">Measured by <see cref="Score"/> after every epoch; optional, but required by early stopping.</param>
    /// <param name="progress">Receives a report every <see cref="TrainingOptions.ReportEvery"/> steps and after every epoch.</param>
    /// <param name="cancellation">Saves the checkpoint and stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The result of each epoch, including epochs before a resumption.</returns>
    /// <exception cref="ArgumentException">The data are empty, labels and logits do not fit, or validation data are missing for early stopping.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network has nothing to train or draws from torch's global generator; the checkpoint belongs to other settings; or the loss is not a finite number.
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
                    "the run could be neither repeated nor resumed exactly. Use new DefensiveDropout(rate) { ActiveIn = Phases.Training } in its place, or " +
                    "set TrainingOptions.AllowGlobalGenerator.");
    }
}

/// <summary>The result of one epoch.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">The mean loss over the epoch's examples, each measured just before its update step.</param>
/// <param name="Accuracy">The fraction of the epoch's examples that were recognized at that moment, in training mode.</param>
/// <param name="ValidationAccuracy">
/// The training's <see cref="ValidationScore"/> after the epoch: by default the fraction of the validation examples recognized, in evaluation mode with
/// fresh draws; null without validation data.
/// </param>
public readonly record struct EpochResult(int Epoch, double Loss, double Accuracy, double? ValidationAccuracy);

/// <summary>The progress of a training.</summary>
/// <param name="Epoch">The current epoch, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">The mean loss in this epoch so far.</param>
/// <param name="Accuracy">The fraction recognized in this epoch so far, in training mode.</param>
/// <param name="ImagesPerSecond">The mean speed since this run started.</param>
/// <param name="TimeLeft">The estimated time left at that speed.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long Steps, double Loss, double Accuracy, double ImagesPerSecond, TimeSpan TimeLeft);

/// <summary>The inputs of one run: network, data, objective, validation, checkpoint and progress.</summary>
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
