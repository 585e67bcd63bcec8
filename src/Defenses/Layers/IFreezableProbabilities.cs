namespace Defenses.Layers;

/// <summary>A layer whose sampling probabilities follow from its input, and that can keep those of one pass for the passes after it.</summary>
public interface IFreezableProbabilities
{
    /// <summary>
    /// Until the result is disposed: the next pass leaves its input as it is and keeps its probabilities, and every later pass, on a batch
    /// as large or a multiple of it, samples with those.
    /// </summary>
    /// <exception cref="InvalidOperationException">Probabilities are held already.</exception>
    IDisposable HoldProbabilities();
}
