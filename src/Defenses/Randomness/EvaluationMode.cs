using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Sets a network to evaluation mode. Disposing it restores the mode of every module.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly (nn.Module Module, bool Training)[] _before;

    internal EvaluationMode(nn.Module network)
    {
        _before = [.. network.modules().Prepend(network).Select(module => (module, module.training))];
        network.eval();
    }

    /// <summary>Parents come before their children: setting a parent's mode also sets its children's.</summary>
    public void Dispose()
    {
        foreach (var (module, training) in _before)
            if (module.training != training) module.train(training);
    }
}
