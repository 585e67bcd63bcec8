using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Reads what goes into the last linear layer of a network, pass by pass; where there is none that runs through <c>call</c>, what the network answers.</summary>
internal sealed class FeatureTap : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly List<Action> _unhook = [];
    private Tensor? _last;

    internal FeatureTap(nn.Module<Tensor, Tensor> network, long classes)
    {
        _network = network;
        foreach (var linear in network.modules().Prepend(network).OfType<Linear>().Where(linear => linear.out_features == classes))
        {
            var hook = linear.register_forward_pre_hook((_, input) =>
            {
                _last = input.alias();
                return input;
            });
            _unhook.Add(hook.remove);
        }
    }

    /// <summary>The features of one pass: (N, …) → (N, D), with a graph where one is recorded.</summary>
    internal Tensor Features(Tensor x)
    {
        _last = null;
        var output = _network.call(x);
        return (_last ?? output).flatten(1);
    }

    public void Dispose() => _unhook.ForEach(undo => undo());
}
