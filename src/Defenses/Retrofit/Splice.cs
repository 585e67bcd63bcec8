using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>One layer on its way into a model: applied, proven, and taken out again.</summary>
internal abstract class Splice
{
    private protected Splice(ModuleSite site, Placement placement, nn.Module<Tensor, Tensor> layer) =>
        (Site, Placement, Layer) = (site, placement, layer);

    internal ModuleSite Site { get; }

    internal nn.Module<Tensor, Tensor> Layer { get; }

    /// <summary>How often the layer ran since it was applied.</summary>
    internal abstract long Calls { get; }

    /// <summary>Why a layer that was applied may not have run.</summary>
    internal abstract string Doubt { get; }

    private protected Placement Placement { get; }

    private protected abstract RetrofitRoute Route { get; }

    /// <summary>Puts the layer in, such that its calls are counted.</summary>
    internal abstract void Apply();

    /// <summary>Called once the layer is proven to run.</summary>
    internal virtual void Settle(nn.Module model) { }

    /// <summary>Takes the layer out, whatever was inserted around it since.</summary>
    internal abstract void Undo(nn.Module model);

    internal InsertedLayer Describe() => new(Site.Path, Site.Module.GetType().Name, Placement, Route, Layer, Calls);
}
