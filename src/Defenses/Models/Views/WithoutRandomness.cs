using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The model without randomness: every stochastic layer computes its deterministic form.</summary>
/// <param name="model">The random model.</param>
public sealed class WithoutRandomness(Classifier model) : ClassifierView(model)
{
    private protected override ClassifierView Of(Classifier other) => new WithoutRandomness(other);

    private protected override IDisposable Enter(nn.Module network) => network.DisableRandomness();
}
