using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A function as a network, with the modules that it runs. Owns none of them.</summary>
internal sealed class DelegateNetwork : nn.Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _network;

    internal DelegateNetwork(Func<Tensor, Tensor> network, IReadOnlyList<nn.Module> modules) : base(nameof(DelegateNetwork))
    {
        _network = Require.NotNull(network, nameof(network));
        Require.NotNull(modules, nameof(modules));
        eval();   // before the modules are parts of this one
        RegisterComponents();
        for (var number = 0; number < modules.Count; number++) register_module($"module{number}", Require.NotNull(modules[number], nameof(modules)));
    }

    public override Tensor forward(Tensor input) => _network(input);

    protected override void Dispose(bool disposing)
    {
        _internal_submodules.clear();
        base.Dispose(disposing);
    }
}
