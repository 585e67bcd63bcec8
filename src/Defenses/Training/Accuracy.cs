using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The number of examples that a network recognizes, out of all examples.</summary>
/// <param name="Correct">Examples whose largest logit is that of their label.</param>
/// <param name="Count">The number of examples measured.</param>
public readonly record struct Accuracy(long Correct, long Count)
{
    /// <summary>The fraction recognized, in [0, 1].</summary>
    public double Value => (double)Correct / Count;

    /// <summary>Measures a network in evaluation mode. A random network uses one fresh draw for each example (for each batch,
    /// if a layer draws per batch).</summary>
    /// <param name="network">(N, …) → logits (N, classes). The modes of its modules and its streams are unchanged afterwards.</param>
    /// <param name="data">The examples to measure on; all are used.</param>
    /// <param name="seed">The seed of the draws; by default unpredictable.</param>
    /// <param name="batchSize">Examples per pass, at least 1; by default 250.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The data are empty.</exception>
    public static Accuracy Measure(
        nn.Module<Tensor, Tensor> network, ITrainingData data, ulong? seed = null, int batchSize = 250, CancellationToken cancellation = default)
    {
        var recognized = PerExample(network, data, seed, batchSize, cancellation);
        return new Accuracy(recognized.Count(isRecognized => isRecognized), recognized.Count);
    }

    /// <summary>Whether a network recognizes each example, in the order of the data; otherwise as <see cref="Measure"/>.</summary>
    /// <inheritdoc cref="Measure"/>
    public static IReadOnlyList<bool> PerExample(
        nn.Module<Tensor, Tensor> network, ITrainingData data, ulong? seed = null, int batchSize = 250, CancellationToken cancellation = default)
    {
        Require.NotNull(network, nameof(network));
        Require.AtLeast(Require.NotNull(data, nameof(data)).Count, 1, nameof(data));
        Require.AtLeast(batchSize, 1, nameof(batchSize));
        using var evaluation = new EvaluationMode(network);
        using var streams = network.LendStreams(seed);
        using var noGrad = no_grad();
        var device = network.parameters().FirstOrDefault()?.device ?? CPU;
        var results = new List<bool>();
        foreach (var indices in SequentialBatches.Batches(data.Count, batchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var (images, labels) = data.Batch(indices);
            var classes = Require.Classes(labels, nameof(labels));
            results.AddRange(Recognized(network, images.to(device), classes.to(device)).cpu().data<bool>());
        }
        return results;
    }

    /// <summary>Whether one pass recognizes each example of a batch: (N, …) and classes (N,) → (N,) bool.</summary>
    /// <exception cref="InvalidOperationException">The network does not give one row of scores per example.</exception>
    internal static Tensor Recognized(nn.Module<Tensor, Tensor> network, Tensor images, Tensor classes)
    {
        using var scope = NewDisposeScope();
        var scores = ForwardPass.Run(network, images);
        if (scores.dim() != 2 || scores.shape[0] != images.shape[0] || scores.shape[1] < 2)
            throw new InvalidOperationException(
                $"The network must give scores of shape (N, classes), two classes or more; for a batch of {images.shape[0]} it gave {Require.Shape(scores)}.");
        Require.Labels(classes, images.shape[0], scores.shape[1], "labels");
        return scores.argmax(1).eq(classes).MoveToOuterDisposeScope();
    }
}
