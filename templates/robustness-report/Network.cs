using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace RobustnessReport;

/// <summary>Your network, for saved weights. A TorchScript file needs no class.</summary>
internal sealed class Network : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly ReLU relu;
    private readonly Linear linear;

    public Network(int classes) : base("Network")
    {
        (conv, relu, linear) = (nn.Conv2d(1, 8, 5, stride: 2), nn.ReLU(), nn.Linear(8 * 12 * 12, classes));
        RegisterComponents();
    }

    /// <summary>(N, 1, 28, 28) → logits (N, classes), not probabilities.</summary>
    public override Tensor forward(Tensor x) => linear.call(relu.call(conv.call(x)).flatten(1));
}
