using Defenses.Layers;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The model with the probabilities of pruning and sampling layers differentiated; their papers hold these probabilities constant.</summary>
/// <remarks>Source: the re-implementation beside Athalye, Carlini and Wagner 2018. A network without such layers is not changed.</remarks>
/// <param name="model">The defended model.</param>
public sealed class DifferentiableProbabilities(Classifier model) : ClassifierView(model)
{
    private protected override ClassifierView Of(Classifier other) => new DifferentiableProbabilities(other);

    private protected override IDisposable Enter(nn.Module network)
    {
        var layers = network.modules().Prepend(network).OfType<ISamplingProbabilities>().Distinct()
            .Select(layer => (layer, Old: layer.DifferentiateProbabilities)).ToArray();
        foreach (var (layer, _) in layers) layer.DifferentiateProbabilities = true;
        return new Undo(() =>
        {
            foreach (var (layer, old) in layers) layer.DifferentiateProbabilities = old;
        });
    }
}
