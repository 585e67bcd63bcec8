using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A layer that a hook runs, with a count.</summary>
internal sealed class HookedLayer(nn.Module<Tensor, Tensor> layer)
{
    internal long Calls { get; private set; }

    internal Tensor Run(Tensor x)
    {
        Calls++;
        return ForwardPass.Run(layer, x);
    }
}
