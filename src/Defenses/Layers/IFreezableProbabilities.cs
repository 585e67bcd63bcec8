namespace Defenses.Layers;

/// <summary>A layer that computes sampling probabilities from its input and can keep those of one pass for the passes after it.</summary>
public interface IFreezableProbabilities
{
    /// <summary>
    /// Until the result is disposed: the next pass returns its input unchanged and stores its probabilities. Every later pass, on a batch
    /// of the same size or a multiple of it, samples with the stored probabilities.
    /// </summary>
    /// <exception cref="InvalidOperationException">Probabilities are held already.</exception>
    IDisposable HoldProbabilities();
}
