using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Restores the state of torch's global generator on disposal: the constructors of torch's layers draw from it, and it belongs to the user.</summary>
internal sealed class GlobalGenerator : IDisposable
{
    private readonly Tensor _state = get_rng_state().DetachFromDisposeScope();

    public void Dispose()
    {
        set_rng_state(_state);
        _state.Dispose();
    }
}
