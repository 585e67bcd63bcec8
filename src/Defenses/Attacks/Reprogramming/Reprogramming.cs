using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Adversarial reprogramming: trains a program in front of a frozen model, so that the model does another task, class k for class k.</summary>
/// <remarks>
/// It attacks a model, not single images, so it is no <see cref="Attack"/>: its inputs are a program, which it trains, and the task's data. The
/// model is a view, so that the attacker may average over draws (<see cref="Eot"/>) or go straight through masks. The model's weights get no gradients;
/// weights, streams and flags stay as they are. Without early stopping the figure is the accuracy after the last epoch. An attacker with validation
/// data would take the best epoch; it is in <see cref="ReprogrammingResult.Epochs"/>.
/// Source: Wang et al. 2019 (HRS), section 7 (50 epochs of SGD at 0.01, batches of 128); Elsayed et al. 2019. Differs: the paper's code trains
/// on 1 % of the task's images, with labels of a wrong shape; here all images are used.
/// </remarks>
public sealed record Reprogramming
{
    /// <summary>The options of the training; by default 50 epochs in batches of 128 with Nesterov's momentum at 0.01.
    /// Elsayed's program: Adam at 0.05.</summary>
    public TrainingOptions Training { get; init => field = Require.NotNull(value, nameof(Training)); } = new() { Epochs = 50 };

    /// <summary>Fresh draws of a random model for the accuracy of each test image, at least 1; by default 1, as in the paper.</summary>
    public int JudgeDraws { get; init => field = Require.AtLeast(value, 1, nameof(JudgeDraws)); } = 1;

    /// <summary>Trains the program, or resumes from the checkpoint, and measures the task's accuracy.</summary>
    /// <param name="model">The attacker's view of the frozen model, in evaluation mode.</param>
    /// <param name="program">The program to train, from its present weights; afterwards in evaluation mode.</param>
    /// <param name="data">The task's images and classes, (n,) int64 below the model's number of classes.</param>
    /// <param name="test">The data for the task's accuracy, after each epoch and at the end.</param>
    /// <param name="checkpoint">A file from which an interrupted run resumes to the same result; by default nothing is saved.</param>
    /// <param name="progress">Receives a report every few steps.</param>
    /// <param name="cancellation">Saves the checkpoint and stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The program's inputs or the labels do not fit the model.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode, or the loss is no longer a number.</exception>
    public ReprogrammingResult Run(
        ModelView model, InputProgram program, ITrainingData data, ITrainingData test,
        string? checkpoint = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        Require.AtLeast(Require.NotNull(data, nameof(data)).Count, 1, nameof(data));
        Require.AtLeast(Require.NotNull(test, nameof(test)).Count, 1, nameof(test));
        if (Require.NotNull(program, nameof(program)).Bounds != model.Bounds)
            throw new ArgumentException($"program must give inputs within the model's bounds {model.Bounds}; its bounds are {program.Bounds}.",
                nameof(program));
        using var streams = model.LendStreams(Training.Seed);
        var before = model.Queries;
        LearnClasses(model, program, data);
        var score = new ReprogrammedAccuracy(model, JudgeDraws);
        var epochs = new Trainer(Training, new ReprogrammingObjective(model, program)) { Score = score }.Run(program, data, checkpoint, test, progress,
            cancellation);
        var accuracy = score.Count(program, test, Training.Seed, cancellation);
        return new ReprogrammingResult(epochs, accuracy, model.Queries - before);
    }

    // One forward pass through program and model, before the training: the model learns its number of classes.
    private static void LearnClasses(ModelView model, InputProgram program, ITrainingData data)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (images, _) = data.Batch([0]);
        model.ComputeLogits(ForwardPass.Run(program, images.to(program.parameters().First().device)));
    }
}

/// <summary>The accuracy of a frozen model on another task; a low accuracy means a good defense.</summary>
/// <param name="Epochs">Each epoch; its validation accuracy is that of the task on the test images.</param>
/// <param name="Accuracy">The task's accuracy on the test images at the end, with its interval; on a random model over fresh draws.</param>
/// <param name="Queries">The passes through the model.</param>
public sealed record ReprogrammingResult(IReadOnlyList<EpochResult> Epochs, Proportion Accuracy, Queries Queries);

/// <summary>The rate at which a frozen model, behind a program, answers with the class of the task.</summary>
internal sealed class ReprogrammedAccuracy(ModelView model, int draws) : ValidationScore
{
    private const long BatchSize = 250;

    /// <inheritdoc/>
    public override string ToString() => $"accuracy through {draws} draws";

    /// <summary>The rate with its interval: a trial is an image, and its success is the share of its draws that are right.</summary>
    internal Proportion Count(nn.Module<Tensor, Tensor> program, ITrainingData data, ulong seed, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var numbers = model.LendNumbers(Seeds.Combine(seed, nameof(ReprogrammedAccuracy)));
        var (right, device) = (0.0, program.parameters().First().device);
        for (var start = 0L; start < data.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var indices = new long[Math.Min(BatchSize, data.Count - start)];
            for (var i = 0; i < indices.Length; i++) indices[i] = start + i;
            var (images, labels) = data.Batch(indices);
            var inputs = ForwardPass.Run(program, images.to(device));
            var answers = model.IsRandom ? model.ComputeLogits(inputs, draws) : model.ComputeLogits(inputs).unsqueeze(0);   // (draws, n, classes)
            Require.Labels(labels, indices.Length, answers.shape[2], nameof(labels));
            right += answers.argmax(-1).eq(labels.to(device)).to_type(ScalarType.Float64).mean([0]).sum().ToDouble();
        }

        return new Proportion(Math.Min(right, data.Count), data.Count);
    }

    /// <inheritdoc/>
    protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation) =>
        Count(network, data, seed, cancellation).Rate;
}

/// <summary>The cross-entropy of a frozen model's answers behind a program, as a loss of the program alone.</summary>
/// <remarks>Only the gradient at the model's input is computed; its product with the program's output carries it on to the program's weights.</remarks>
internal sealed class ReprogrammingObjective(ModelView model, InputProgram program) : TrainingObjective
{
    /// <inheritdoc/>
    public override string ToString() => $"reprogramming, {program.Describe()}, through {model.GetType().Name}";

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        using var numbers = model.LendNumbers((ulong)random.Index(long.MaxValue));
        Require.Labels(labels, images.shape[0], model.Classes, nameof(labels));
        var inputs = ForwardPass.Run(network, images);
        var goal = Goal.Reach(labels);
        var evaluation = model.ComputeGradient(inputs.detach(), logits => -Loss.CrossEntropy.Value(logits, goal));
        var carrier = (inputs * evaluation.Gradient).sum() / images.shape[0];
        var loss = carrier - carrier.detach() + evaluation.Loss.mean();
        if (program.Penalty() is { } penalty) loss = loss + penalty;
        return (loss, evaluation.Logits);
    }
}
