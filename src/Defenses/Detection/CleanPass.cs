using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>A pass without chance, from which layers that can keep their probabilities for the passes after it.</summary>
internal static class CleanPass
{
    /// <summary>Makes the pass if a layer wants it; the probabilities are held until the result is disposed.</summary>
    internal static IDisposable Hold(Classifier model, Tensor images)
    {
        var active = model.Network.StochasticLayers().Select(found => found.Layer).Where(layer => layer.IsActive).ToArray();
        var holders = active.OfType<IHoldsProbabilities>().ToArray();
        var held = new List<IDisposable>();
        var release = new Restore(() => held.ForEach(each => each.Dispose()));
        if (holders.Length == 0) return release;
        var others = active.Where(layer => layer is not IHoldsProbabilities).ToArray();
        try
        {
            foreach (var layer in others) layer.IsDisabled = true;
            foreach (var layer in holders) held.Add(layer.HoldProbabilities());
            model.ComputeLogits(images).Dispose();
        }
        catch
        {
            release.Dispose();
            throw;
        }
        finally
        {
            foreach (var layer in others) layer.IsDisabled = false;
        }
        return release;
    }
}
