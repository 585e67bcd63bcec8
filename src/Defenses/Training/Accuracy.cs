using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>How many examples of how many a network recognises.</summary>
/// <param name="Correct">Examples whose largest logit is that of their label.</param>
/// <param name="Count">Examples looked at.</param>
public readonly record struct Accuracy(long Correct, long Count)
{
    /// <summary>The fraction recognised, in [0, 1].</summary>
    public double Value => (double)Correct / Count;

    /// <summary>Measures a network in evaluation mode; a random one answers each example with one fresh draw (each batch,
    /// where a layer draws per batch).</summary>
    /// <param name="network">(N, …) → logits (N, classes). Afterwards the modes of all its modules and its streams are as before.</param>
    /// <param name="data">What to measure with; all of it is used.</param>
    /// <param name="seed">The seed of the draws; by default unpredictable.</param>
    /// <param name="batchSize">Examples per pass, at least 1; by default 250.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The data are empty.</exception>
    public static Accuracy Measure(
        nn.Module<Tensor, Tensor> network, ITrainingData data, ulong? seed = null, int batchSize = 250, CancellationToken cancellation = default)
    {
        Require.NotNull(network, nameof(network));
        Require.AtLeast(Require.NotNull(data, nameof(data)).Count, 1, nameof(data));
        Require.AtLeast(batchSize, 1, nameof(batchSize));
        using var evaluation = new EvaluationMode(network);
        using var streams = network.LendStreams(seed);
        return Tally(network, data, batchSize, cancellation);
    }

    private static Accuracy Tally(nn.Module<Tensor, Tensor> network, ITrainingData data, int batchSize, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        var device = network.parameters().FirstOrDefault()?.device ?? CPU;
        var correct = 0L;
        foreach (var indices in SequentialBatches.Batches(data.Count, batchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var (images, labels) = data.Batch(indices);
            var classes = Require.Classes(labels, nameof(labels));
            correct += ForwardPass.Run(network, images.to(device)).argmax(-1).eq(classes.to(device)).sum().ToInt64();
        }
        return new Accuracy(correct, data.Count);
    }
}
