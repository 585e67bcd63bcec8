using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>The probabilities of a clean pass, kept for the passes after it.</summary>
internal sealed class HeldProbabilities : IDisposable
{
    private Tensor? _probabilities;   // (N, K)

    internal bool IsEmpty => _probabilities is null;

    internal void Keep(Tensor probabilities) => _probabilities = probabilities.DetachFromDisposeScope();

    /// <summary>The probabilities for a batch of so many examples: as they are, or repeated draw by draw.</summary>
    internal Tensor For(long examples)
    {
        var held = _probabilities!.shape[0];
        if (examples % held != 0)
            throw new InvalidOperationException(
                $"The layer holds probabilities of {held} examples and was given {examples}. Give the batch of the clean pass, or repeat it whole.");
        return examples == held ? _probabilities.alias() : _probabilities.repeat(examples / held, 1);
    }

    public void Dispose() => _probabilities?.Dispose();
}
