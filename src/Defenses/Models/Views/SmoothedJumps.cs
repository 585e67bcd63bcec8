using Defenses.Layers;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The forward pass is unchanged; the backward pass of each JumpReLU uses x·σ(β(x − κ)), whose gradient shows the jump to the attacker.</summary>
/// <remarks>β = steepness/κ; without a jump (κ = 0) it uses the rectifier. Other layers use their surrogates, as in <see cref="StraightThrough"/>.</remarks>
public sealed class SmoothedJumps : ClassifierView
{
    /// <summary>Smooths the jumps of a model.</summary>
    /// <param name="model">The defended model.</param>
    /// <param name="steepness">How steep the smooth jump is, as a multiple of 1/κ; above 0, by default 10.</param>
    public SmoothedJumps(Classifier model, double steepness = 10) : base(model) => Steepness = Require.Positive(steepness, nameof(steepness));

    /// <summary>How steep the smooth jump is, as a multiple of 1/κ.</summary>
    public double Steepness { get; }

    private protected override ClassifierView Of(Classifier model) => new SmoothedJumps(model, Steepness);

    private protected override IDisposable Enter(nn.Module network)
    {
        var layers = network.modules().Prepend(network).OfType<JumpReLU>().Distinct().Select(layer => (layer, Old: layer.SurrogateSharpness)).ToArray();
        foreach (var (layer, _) in layers) layer.SurrogateSharpness = layer.Kappa > 0 ? Steepness / layer.Kappa : null;
        var surrogates = network.UseSurrogates();
        return new Undo(() =>
        {
            surrogates.Dispose();
            foreach (var (layer, old) in layers) layer.SurrogateSharpness = old;
        });
    }
}
