namespace Defenses.Randomness;

/// <summary>Undoes a change once, when disposed.</summary>
internal sealed class Undo(Action undo) : IDisposable
{
    private Action? _undo = undo;

    /// <inheritdoc/>
    public void Dispose()
    {
        var undo = _undo;
        _undo = null;
        undo?.Invoke();
    }
}
