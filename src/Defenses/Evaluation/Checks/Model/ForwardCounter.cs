using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Counts how often layers run until it is disposed.</summary>
internal sealed class ForwardCounter : IDisposable
{
    private readonly List<(string Name, Func<bool> HasRun)> _layers = [];
    private readonly List<Action> _unhook = [];

    internal ForwardCounter(IEnumerable<(string Name, nn.Module Layer)> layers)
    {
        foreach (var (name, layer) in layers)
            if (layer is StochasticLayer stochastic) Watch(name, stochastic);
            else if (layer is nn.Module<Tensor, Tensor> module) Watch(name, module);
    }

    /// <summary>The names of those that have not run.</summary>
    internal IEnumerable<string> Idle => _layers.Where(layer => !layer.HasRun()).Select(layer => layer.Name);

    public void Dispose() => _unhook.ForEach(undo => undo());

    private void Watch(string name, StochasticLayer layer)
    {
        var before = layer.Calls;
        _layers.Add((name, () => layer.Calls > before));
    }

    private void Watch(string name, nn.Module<Tensor, Tensor> layer)
    {
        var ran = false;
        var hook = layer.register_forward_hook((_, _, output) =>
        {
            ran = true;
            return output;
        });
        _layers.Add((name, () => ran));
        _unhook.Add(hook.remove);
    }
}
