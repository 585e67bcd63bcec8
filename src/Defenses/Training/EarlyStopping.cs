using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Ends a training when the validation score no longer rises, and keeps the weights of the best epoch.</summary>
/// <remarks>Needs validation data. Source: Prechelt 1998, "Early Stopping — But When?", the criterion of successive strips.</remarks>
public sealed record EarlyStopping
{
    /// <summary>Epochs without a better score after which the training ends, at least 1; by default 5.</summary>
    public int Patience { get; init => field = Require.AtLeast(value, 1, nameof(Patience)); } = 5;

    /// <summary>By how much a score must exceed the best one to be better, 0 (default) or above.</summary>
    public double LeastGain { get; init => field = Require.NotNegative(value, nameof(LeastGain)); }

    /// <summary>The position of the best epoch; the first of equally good epochs.</summary>
    internal int Best(IReadOnlyList<EpochResult> history)
    {
        var best = 0;
        for (var i = 1; i < history.Count; i++)
            if (history[i].ValidationAccuracy > history[best].ValidationAccuracy + LeastGain) best = i;
        return best;
    }

    internal bool IsDue(IReadOnlyList<EpochResult> history) => history.Count > 0 && history.Count - 1 - Best(history) >= Patience;
}

/// <summary>A copy of weights and statistics, such as those of the best epoch, separate from the weights that are trained.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    private readonly IReadOnlyList<(string Name, Tensor Value)> _current;
    private readonly Tensor[] _kept;

    internal WeightSnapshot(IReadOnlyList<(string Name, Tensor Value)> current)
    {
        _current = current;
        using var noGrad = no_grad();
        _kept = [.. current.Select(entry => entry.Value.clone().DetachFromDisposeScope())];
    }

    internal WeightSnapshot(nn.Module network) : this([.. network.state_dict().Select(entry => (entry.Key, entry.Value))]) { }

    /// <summary>The tensors to save.</summary>
    internal IEnumerable<(string Name, Tensor Value)> State => _current.Select((entry, i) => ($"best.{entry.Name}", _kept[i]));

    /// <summary>Copies the current weights into the snapshot.</summary>
    internal void Keep() => Copy(from: i => _current[i].Value, to: i => _kept[i]);

    /// <summary>Copies the snapshot back into the network.</summary>
    internal void Restore() => Copy(from: i => _kept[i], to: i => _current[i].Value);

    public void Dispose()
    {
        foreach (var tensor in _kept) tensor.Dispose();
    }

    private void Copy(Func<int, Tensor> from, Func<int, Tensor> to)
    {
        using var noGrad = no_grad();
        for (var i = 0; i < _kept.Length; i++) to(i).copy_(from(i));
    }
}
