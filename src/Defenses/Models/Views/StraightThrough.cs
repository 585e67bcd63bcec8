using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>
/// BPDA: the forward pass is unchanged; the backward pass is that of each layer's surrogate: the identity through mask-and-rescale layers,
/// ReLU through JumpReLU, the identity through input transforms.
/// </summary>
/// <remarks>Source: Athalye, Carlini and Wagner 2018, section 4.1.</remarks>
/// <param name="model">The defended model.</param>
public sealed class StraightThrough(Classifier model) : ClassifierView(model)
{
    private protected override ClassifierView Of(Classifier other) => new StraightThrough(other);

    private protected override IDisposable Enter(nn.Module network) => network.UseSurrogates();
}
