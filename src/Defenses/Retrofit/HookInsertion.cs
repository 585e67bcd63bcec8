using System.Reflection;
using System.Runtime.CompilerServices;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A layer that a hook runs, because the place of the module can hold no other module. It is registered next to the module.</summary>
internal sealed class HookInsertion(ModuleSlot slot, string obstacle, Placement placement, nn.Module<Tensor, Tensor> layer) : Insertion(slot, placement, layer)
{
    private readonly nn.Module<Tensor, Tensor> _module = (nn.Module<Tensor, Tensor>)slot.Module;
    private readonly HookedLayer _hooked = new(layer);
    private string? _key;
    private PropertyInfo? _inplace;

    internal override long Calls => _hooked.Calls;

    internal override string IdleReason =>
        $"{obstacle}, so a hook was used, and hooks run only through call(). Where {Slot.Parent.GetType().Name} runs it with forward(x), " +
        $"write call(x), or declare what holds it as nn.Module<Tensor, Tensor>; where it is not run at all in evaluation mode, return null for this path";

    private protected override RetrofitRoute Route => RetrofitRoute.Hook;

    internal override void Apply()
    {
        var children = ModuleRegistry.Of(Slot.Parent);
        var key = $"{Slot.Name}_{Placement.ToString().ToLowerInvariant()}";
        _key = children.ContainsKey(key) ? Enumerable.Range(2, children.Count).Select(i => $"{key}{i}").First(free => !children.ContainsKey(free)) : key;
        children.Add(_key, Layer);
        if (Placement == Placement.Instead && Inplace(_module) is { } inplace && inplace.GetValue(_module) is true)
        {
            (_inplace = inplace).SetValue(_module, false);   // the layer needs the unchanged input
        }
        HookChain.Of(_module).Add(_hooked, Placement);
    }

    internal override void Undo(nn.Module model)
    {
        HookChain.Of(_module).Remove(_hooked);
        _inplace?.SetValue(_module, true);
        var children = ModuleRegistry.Of(Slot.Parent);
        if (_key is not null && children.TryGetValue(_key, out var held) && ReferenceEquals(held, Layer)) children.Remove(_key);
    }

    // torch's activations and dropout have this property, each in its own class.
    private static PropertyInfo? Inplace(nn.Module module) =>
        module.GetType().GetProperty("inplace", typeof(bool)) is { CanRead: true, CanWrite: true } property ? property : null;
}

/// <summary>The layers that hooks run around one module: layers inserted later are nearer to the module, as with wrappers.</summary>
internal sealed class HookChain
{
    private static readonly ConditionalWeakTable<nn.Module<Tensor, Tensor>, HookChain> s_chains = [];
    private readonly List<HookedLayer> _before = [], _instead = [], _after = [];
    private readonly nn.Module<Tensor, Tensor> _module;
    private Action? _unhook;

    private HookChain(nn.Module<Tensor, Tensor> module) => _module = module;

    /// <summary>The chain around a module, empty at first.</summary>
    internal static HookChain Of(nn.Module<Tensor, Tensor> module) => s_chains.GetValue(module, key => new HookChain(key));

    /// <summary>Whether a layer runs in place of the module.</summary>
    internal static bool Replaces(nn.Module<Tensor, Tensor> module) => s_chains.TryGetValue(module, out var chain) && chain._instead.Count > 0;

    internal void Add(HookedLayer layer, Placement placement)
    {
        if (placement == Placement.Before) _before.Add(layer);
        else if (placement == Placement.After) _after.Insert(0, layer);
        else _instead.Add(layer);
        if (_unhook is not null) return;
        var before = _module.register_forward_pre_hook((_, x) => Through(_before, x));
        var after = _module.register_forward_hook((_, x, output) => Through(_after, _instead.Count == 0 ? output : Replacement(x, output)));
        _unhook = before.remove;
        _unhook += after.remove;
    }

    internal void Remove(HookedLayer layer)
    {
        _before.Remove(layer);
        _instead.Remove(layer);
        _after.Remove(layer);
        if (_before.Count + _instead.Count + _after.Count > 0) return;
        _unhook?.Invoke();
        _unhook = null;
    }

    private Tensor Replacement(Tensor x, Tensor output)
    {
        if (!ReferenceEquals(output, x)) output.Dispose();   // the output of the replaced module is not used
        return Through(_instead, x);
    }

    private static Tensor Through(List<HookedLayer> layers, Tensor x)
    {
        foreach (var layer in layers) x = layer.Run(x);
        return x;
    }
}

/// <summary>A layer that a hook runs, with a counter of its calls.</summary>
internal sealed class HookedLayer(nn.Module<Tensor, Tensor> layer)
{
    internal long Calls { get; private set; }

    internal Tensor Run(Tensor x)
    {
        Calls++;
        return ForwardPass.Run(layer, x);
    }
}
