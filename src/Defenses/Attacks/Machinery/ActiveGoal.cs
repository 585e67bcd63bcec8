using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The goal of the examples that are still in a batch. Owns the tensors of what it selects, never those of the goal it began with.</summary>
internal sealed class ActiveGoal(Goal goal) : IDisposable
{
    private readonly Goal _first = goal;

    /// <summary>What is wanted of them.</summary>
    internal Goal Value { get; private set; } = goal;

    /// <summary>Lets all but the given rows leave.</summary>
    internal void Keep(Tensor rows)
    {
        var kept = Value.Select(rows).DetachFromDisposeScope();
        Dispose();
        Value = kept;
    }

    /// <summary>Disposes what was selected.</summary>
    public void Dispose()
    {
        if (!ReferenceEquals(Value, _first)) Value.DisposeTensors();
    }
}
