using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A layer that is inserted by replacing the module in a slot: by a wrapper of module and layer, or by the layer itself.</summary>
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
        $"it was put into its slot in {Slot.Parent.GetType().Name}, which does not run this slot in evaluation mode. " +
        "If that is meant to be so, return null for this path";

    private protected override RetrofitRoute Route => Slot.Route;

    internal override void Apply() => Slot.Assign(_wrapper);

    // After the proof a replacement needs no wrapper to count its calls.
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

    // train() and eval() did not reach the module while it was replaced.
    private void FollowMode()
    {
        try
        {
            if (_original.training != Layer.training) _original.train(Layer.training);
        }
        catch (ObjectDisposedException)
        {
            // The model and the layer were disposed before the report: there is no mode to restore.
        }
    }

    // Finds the slot again: other retrofits may have put a wrapper around it. One layer may be in several slots, which the path distinguishes.
    private void Exchange(nn.Module model, nn.Module<Tensor, Tensor> from, nn.Module<Tensor, Tensor> to)
    {
        foreach (var slot in ModuleTree.Slots(model))
            if (ReferenceEquals(slot.Module, from) && (ReferenceEquals(from, _wrapper) || slot.Path == Slot.Path)) slot.Assign(to);
    }
}

/// <summary>One insertion of a layer into a model, which can be applied and undone.</summary>
internal abstract class Insertion
{
    private protected Insertion(ModuleSlot slot, Placement placement, nn.Module<Tensor, Tensor> layer) =>
        (Slot, Placement, Layer) = (slot, placement, layer);

    internal ModuleSlot Slot { get; }

    internal nn.Module<Tensor, Tensor> Layer { get; }

    /// <summary>How often the layer ran since it was applied.</summary>
    internal abstract long Calls { get; }

    /// <summary>Explains why an inserted layer may not have run.</summary>
    internal abstract string IdleReason { get; }

    private protected Placement Placement { get; }

    private protected abstract RetrofitRoute Route { get; }

    /// <summary>Inserts the layer so that its calls are counted.</summary>
    internal abstract void Apply();

    /// <summary>Called after the probe has shown that the layer runs.</summary>
    internal virtual void OnProven(nn.Module model) { }

    /// <summary>Removes the layer, also if other layers were inserted around it later.</summary>
    internal abstract void Undo(nn.Module model);

    internal InsertedLayer Describe() => new(Slot.Path, Slot.Module.GetType().Name, Placement, Route, Layer, Calls);
}
