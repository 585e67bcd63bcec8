using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A layer that gets into a model by giving a place another module: a wrapper of module and layer, or the layer itself.</summary>
internal sealed class WrapperInsertion : Insertion
{
    private readonly nn.Module<Tensor, Tensor> _original;
    private readonly WrappedModule _wrapper;
    private bool _isUnwrapped;

    internal WrapperInsertion(ModuleSlot slot, Placement placement, nn.Module<Tensor, Tensor> layer) : base(slot, placement, layer)
    {
        _original = (nn.Module<Tensor, Tensor>)slot.Module;
        _wrapper = new WrappedModule(_original, layer, placement, slot);
    }

    internal override long Calls => _wrapper.Calls;

    internal override string IdleReason =>
        $"it was put into its place in {Slot.Parent.GetType().Name}, which does not run that place in evaluation mode. " +
        "If that is meant to be so, return null for this path";

    private protected override RetrofitRoute Route => Slot.Route;

    internal override void Apply() => Slot.Assign(_wrapper);

    // A replacement needs no wrapper once it has been counted.
    internal override void OnProven(nn.Module model)
    {
        if (Placement != Placement.Instead) return;
        Exchange(model, _wrapper, Layer);
        _isUnwrapped = true;
    }

    internal override void Undo(nn.Module model)
    {
        if (!_isUnwrapped)
        {
            Exchange(model, _wrapper, _wrapper.Original);
            return;
        }
        Exchange(model, Layer, _original);
        FollowMode();
    }

    // While it was replaced, the module was out of reach of train() and eval().
    private void FollowMode()
    {
        try
        {
            if (_original.training != Layer.training) _original.train(Layer.training);
        }
        catch (ObjectDisposedException)
        {
            // The model was disposed before its report, and the layer with it: no mode is left to follow.
        }
    }

    // Looks for the place anew: other retrofits may have put a wrapper around it. One layer may stand in several places: the path tells.
    private void Exchange(nn.Module model, nn.Module<Tensor, Tensor> from, nn.Module<Tensor, Tensor> to)
    {
        foreach (var slot in ModuleTree.Slots(model))
            if (ReferenceEquals(slot.Module, from) && (ReferenceEquals(from, _wrapper) || slot.Path == Slot.Path)) slot.Assign(to);
    }
}

/// <summary>One layer on its way into a model: applied, proven, and taken out again.</summary>
internal abstract class Insertion
{
    private protected Insertion(ModuleSlot slot, Placement placement, nn.Module<Tensor, Tensor> layer) =>
        (Slot, Placement, Layer) = (slot, placement, layer);

    internal ModuleSlot Slot { get; }

    internal nn.Module<Tensor, Tensor> Layer { get; }

    /// <summary>How often the layer ran since it was applied.</summary>
    internal abstract long Calls { get; }

    /// <summary>Why a layer that was applied may not have run.</summary>
    internal abstract string IdleReason { get; }

    private protected Placement Placement { get; }

    private protected abstract RetrofitRoute Route { get; }

    /// <summary>Puts the layer in, such that its calls are counted.</summary>
    internal abstract void Apply();

    /// <summary>Called once the layer is proven to run.</summary>
    internal virtual void OnProven(nn.Module model) { }

    /// <summary>Takes the layer out, whatever was inserted around it since.</summary>
    internal abstract void Undo(nn.Module model);

    internal InsertedLayer Describe() => new(Slot.Path, Slot.Module.GetType().Name, Placement, Route, Layer, Calls);
}
