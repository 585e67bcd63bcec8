using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Tensors with a row per example that outlive the scopes of single steps, and that lose the rows of the examples that leave.</summary>
internal sealed class RowState : IDisposable
{
    private readonly Tensor[] _tensors;

    /// <summary>Takes ownership of the tensors, each (N, …).</summary>
    internal RowState(params Tensor[] tensors) => _tensors = [.. tensors.Select(tensor => tensor.DetachFromDisposeScope())];

    /// <summary>The tensor of a number; setting it disposes the one before.</summary>
    internal Tensor this[int number]
    {
        get => _tensors[number];
        set
        {
            if (ReferenceEquals(_tensors[number], value)) return;
            _tensors[number].Dispose();
            _tensors[number] = value.DetachFromDisposeScope();
        }
    }

    /// <summary>Lets all but the given rows leave; null keeps all.</summary>
    internal void Keep(Tensor? rows)
    {
        if (rows is null) return;
        for (var number = 0; number < _tensors.Length; number++) this[number] = _tensors[number].index_select(0, rows);
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors) tensor.Dispose();
    }
}
