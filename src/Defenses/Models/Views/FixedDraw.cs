using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Fixed randomness: every query uses the same deterministic network, given by the number of a draw.</summary>
/// <remarks>Source: Carlini et al. 2019, "verify that attacks succeed if randomness is fixed".</remarks>
/// <param name="model">The random model.</param>
/// <param name="draw">The number of the draw.</param>
public sealed class FixedDraw(Classifier model, long draw) : ClassifierView(model)
{
    private protected override ClassifierView Of(Classifier other) => new FixedDraw(other, draw);

    private protected override IDisposable Enter(nn.Module network) => network.FixDraw(draw);
}
