using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>The layers that hooks run around one module: later ones stand nearer to it, as with wrappers.</summary>
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
        if (!ReferenceEquals(output, x)) output.Dispose();   // the module ran for nothing
        return Through(_instead, x);
    }

    private static Tensor Through(List<HookedLayer> layers, Tensor x)
    {
        foreach (var layer in layers) x = layer.Run(x);
        return x;
    }
}
