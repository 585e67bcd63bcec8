using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Puts a network into evaluation mode until disposed, and then every module back into the mode it was in.</summary>
internal sealed class EvaluationMode : IDisposable
{
    private readonly (nn.Module Module, bool Training)[] _before;

    internal EvaluationMode(nn.Module network)
    {
        _before = [.. network.modules().Prepend(network).Select(module => (module, module.training))];
        network.eval();
    }

    /// <summary>A parent comes before its children, whose modes it changes with its own.</summary>
    public void Dispose()
    {
        foreach (var (module, training) in _before)
            if (module.training != training) module.train(training);
    }
}
