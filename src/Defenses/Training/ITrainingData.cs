using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Labeled examples, addressed by number, for training or measuring a network.</summary>
/// <remarks>The same numbers must always give the same examples: a resumed run reads them again.</remarks>
public interface ITrainingData
{
    /// <summary>The number of examples.</summary>
    long Count { get; }

    /// <summary>The examples with the given numbers, in that order.</summary>
    /// <param name="indices">Numbers from 0 to <see cref="Count"/> − 1.</param>
    /// <returns>
    /// Images, floating point, (n, …), in the units that the network expects; labels, (n,) int64 classes or (n, classes)
    /// probabilities in floating point. Both are new tensors on any device; the caller disposes them.
    /// </returns>
    (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices);
}
