using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Reads the input of the last linear layer of a network; without such a layer that runs through <c>call</c>, the network's output.</summary>
internal sealed class PenultimateFeatures : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly List<Action> _unhook = [];
    private Tensor? _last;

    internal PenultimateFeatures(Classifier model) : this(model.Network, model.Head == OutputHead.OneLogit ? 1 : model.Classes) { }

    internal PenultimateFeatures(nn.Module<Tensor, Tensor> network, long outputs)
    {
        _network = network;
        foreach (var linear in network.modules().Prepend(network).OfType<Linear>().Where(linear => linear.out_features == outputs))
        {
            var hook = linear.register_forward_pre_hook((_, input) =>
            {
                _last?.Dispose();
                _last = input.alias().DetachFromDisposeScope();   // the scope of the pass ends before it is read
                return input;
            });
            _unhook.Add(hook.remove);
        }
    }

    /// <summary>The features of one forward pass: (N, …) → (N, D), with a graph where one is recorded.</summary>
    internal Tensor Of(Tensor x)
    {
        var output = ForwardPass.Run(_network, x);
        if (_last is null) return output.reshape(x.shape[0], -1);
        var features = _last.flatten(1);
        Forget();
        return features;
    }

    public void Dispose()
    {
        _unhook.ForEach(undo => undo());
        Forget();
    }

    private void Forget()
    {
        _last?.Dispose();
        _last = null;
    }
}
