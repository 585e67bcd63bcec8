using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Fixed randomness: the one deterministic network numbered by a draw, at every look.</summary>
/// <remarks>Source: Carlini et al. 2019, "verify that attacks succeed if randomness is fixed".</remarks>
/// <param name="model">The random model.</param>
/// <param name="draw">The number of the draw.</param>
public sealed class FixedDraw(Classifier model, long draw) : ClassifierView(model)
{
    private protected override ClassifierView Of(Classifier other) => new FixedDraw(other, draw);

    private protected override IDisposable Enter(nn.Module network) => network.FixDraw(draw);
}
