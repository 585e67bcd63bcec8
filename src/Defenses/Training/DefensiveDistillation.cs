using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Defensive distillation: a student is trained on the softened outputs of a teacher of the same architecture, both at a high temperature.</summary>
/// <remarks>
/// A short training gives the weights from which both start. The teacher is trained on the labels at temperature T. The student is trained on the
/// teacher's softmax(z/T) at T and is deployed at T = 1. Source: Papernot et al. 2016, section III; the common start as
/// in the code of Carlini and Wagner 2017 and Ge et al. 2020. It hides gradients by saturating the softmax and gives no
/// protection: attacks on the margin of the logits (Carlini and Wagner 2017) succeed as on an undefended network.
/// </remarks>
public sealed class DefensiveDistillation
{
    /// <summary>A distillation.</summary>
    /// <param name="options">The options of teacher and student; by default 40 epochs with the papers' settings (they train for 50).</param>
    public DefensiveDistillation(TrainingOptions? options = null) => Options = options ?? new TrainingOptions();

    /// <summary>How teacher and student are trained.</summary>
    public TrainingOptions Options { get; }

    /// <summary>T, above 0; by default 100.</summary>
    public double Temperature { get; init => field = Require.Positive(value, nameof(Temperature)); } = 100;

    /// <summary>Epochs, at T = 1, of the training that gives the common start, at least 1 (default).</summary>
    public int StartEpochs { get; init => field = Require.AtLeast(value, 1, nameof(StartEpochs)); } = 1;

    /// <summary>Distils a network into itself, or continues from the folder's checkpoints.</summary>
    /// <param name="network">(N, …) → logits (N, classes), with initial weights. Afterwards it has the student's weights and is in evaluation mode.</param>
    /// <param name="data">The training data, labeled with classes.</param>
    /// <param name="directory">The folder for the checkpoints of the three trainings; by default nothing is saved.</param>
    /// <param name="validation">Measured after every epoch of teacher and student; by default nothing is.</param>
    /// <param name="progress">Receives a report every <see cref="TrainingOptions.ReportEvery"/> steps and after every epoch.</param>
    /// <param name="cancellation">Saves a checkpoint and stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The result of each epoch of the student.</returns>
    /// <exception cref="ArgumentException">See <see cref="Trainer.Run"/>.</exception>
    /// <exception cref="InvalidOperationException">See <see cref="Trainer.Run"/>.</exception>
    public IReadOnlyList<EpochResult> Run(
        nn.Module<Tensor, Tensor> network, ITrainingData data, string? directory = null, ITrainingData? validation = null,
        IProgress<DistillationProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require.NotNull(network, nameof(network));
        Require.NotNull(data, nameof(data));
        Train(DistillationStage.Start, data, null);
        using var start = new WeightSnapshot(network);
        Train(DistillationStage.Teacher, data, validation);
        using var softened = new SoftLabels(data, network, Temperature, cancellation);
        start.Restore();
        return Train(DistillationStage.Student, softened, validation);

        IReadOnlyList<EpochResult> Train(DistillationStage stage, ITrainingData on, ITrainingData? measured)
        {
            var first = stage == DistillationStage.Start;
            var options = Options with { Seed = Seeds.Combine(Options.Seed, $"{stage}") };
            if (first) options = options with { Epochs = StartEpochs, EarlyStopping = null };
            return new Trainer(options, new CrossEntropyObjective { Temperature = first ? 1 : Temperature }).Run(
                network, on, directory is null ? null : Path.Combine(directory, $"{stage}.checkpoint".ToLowerInvariant()), measured,
                progress is null ? null : new ForwardedProgress(training => progress.Report(new DistillationProgress(stage, training))), cancellation);
        }
    }

    private sealed class ForwardedProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}

/// <summary>The trainings that make up a distillation, in their order.</summary>
public enum DistillationStage
{
    /// <summary>The weights from which teacher and student start.</summary>
    Start,

    /// <summary>The network whose softened outputs become the labels.</summary>
    Teacher,

    /// <summary>The network that is deployed.</summary>
    Student,
}

/// <summary>The progress of a distillation.</summary>
/// <param name="Stage">The training that is running.</param>
/// <param name="Training">The progress of that training.</param>
public readonly record struct DistillationProgress(DistillationStage Stage, TrainingProgress Training);

/// <summary>The images of other data, labeled with a teacher's class probabilities at a temperature.</summary>
internal sealed class SoftLabels : ITrainingData, IDisposable
{
    private const int BatchSize = 250;
    private readonly ITrainingData _data;
    private readonly Tensor _labels;

    /// <param name="data">The images.</param>
    /// <param name="teacher">Runs in evaluation mode without randomness; stays in evaluation mode.</param>
    /// <param name="temperature">T in softmax(logits / T).</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    internal SoftLabels(ITrainingData data, nn.Module<Tensor, Tensor> teacher, double temperature, CancellationToken cancellation)
    {
        _data = data;
        teacher.eval();
        using var still = teacher.DisableRandomness();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var device = teacher.parameters().First().device;
        var parts = new List<Tensor>();
        foreach (var indices in SequentialBatches.Batches(data.Count, BatchSize, cancellation))
        {
            using var inner = NewDisposeScope();
            var (images, labels) = data.Batch(indices);
            labels.Dispose();
            parts.Add((ForwardPass.Run(teacher, images.to(device)) / temperature).softmax(-1).cpu().MoveToOuterDisposeScope());
        }
        _labels = cat(parts).DetachFromDisposeScope();
    }

    public long Count => _data.Count;

    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
    {
        var (images, labels) = _data.Batch(indices);
        labels.Dispose();
        using var rows = tensor(indices.ToArray());
        return (images, _labels.index_select(0, rows));
    }

    public void Dispose() => _labels.Dispose();
}
