using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Labelled examples that are addressed by number: what a network is trained on or measured with.</summary>
/// <remarks>The same numbers must always give the same examples: a run that was killed reads them again.</remarks>
public interface ITrainingData
{
    /// <summary>The number of examples.</summary>
    long Count { get; }

    /// <summary>The examples with the given numbers, in that order.</summary>
    /// <param name="indices">Numbers from 0 to <see cref="Count"/> − 1.</param>
    /// <returns>
    /// Images, floating point, (n, …), in the units that the network expects; labels, (n,) int64 classes or (n, classes)
    /// probabilities in floating point. Both new tensors, which the caller disposes, on any device.
    /// </returns>
    (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices);
}
