using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>A network with a layer that is registered beside it and never run, or run by a hook that never comes, because the parent uses forward().</summary>
internal sealed class Beside : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> network, layer;

    internal Beside(nn.Module<Tensor, Tensor> network, nn.Module<Tensor, Tensor> layer) : base(nameof(Beside))
    {
        (this.network, this.layer) = (network, layer);
        RegisterComponents();
        network.register_forward_pre_hook((_, x) => this.layer.call(x));
        eval();
    }

    /// <summary>Whether the parent runs the network so that hooks run.</summary>
    internal bool Calls { get; init; }

    public override Tensor forward(Tensor x) => Calls ? network.call(x) : network.forward(x);
}
