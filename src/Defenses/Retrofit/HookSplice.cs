using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A layer that a hook runs, because no place of the module can hold another one. It is registered beside the module.</summary>
internal sealed class HookSplice(ModuleSite site, string obstacle, Placement placement, nn.Module<Tensor, Tensor> layer) : Splice(site, placement, layer)
{
    private readonly nn.Module<Tensor, Tensor> _module = (nn.Module<Tensor, Tensor>)site.Module;
    private readonly HookedLayer _hooked = new(layer);
    private string? _key;
    private PropertyInfo? _inplace;

    internal override long Calls => _hooked.Calls;

    internal override string Doubt =>
        $"{obstacle}, so a hook was used, and hooks run only through call(). Where {Site.Parent.GetType().Name} runs it with forward(x), " +
        $"write call(x), or declare what holds it as nn.Module<Tensor, Tensor>; where it is not run at all in evaluation mode, return null for this path";

    private protected override RetrofitRoute Route => RetrofitRoute.Hook;

    internal override void Apply()
    {
        var children = Registry.Of(Site.Parent);
        var key = $"{Site.Name}_{Placement.ToString().ToLowerInvariant()}";
        _key = children.ContainsKey(key) ? Enumerable.Range(2, children.Count).Select(i => $"{key}{i}").First(free => !children.ContainsKey(free)) : key;
        children.Add(_key, Layer);
        if (Placement == Placement.Instead && Inplace(_module) is { } inplace && inplace.GetValue(_module) is true)
        {
            (_inplace = inplace).SetValue(_module, false);   // the layer needs its input whole
        }
        HookChain.Of(_module).Add(_hooked, Placement);
    }

    internal override void Undo(nn.Module model)
    {
        HookChain.Of(_module).Remove(_hooked);
        _inplace?.SetValue(_module, true);
        var children = Registry.Of(Site.Parent);
        if (_key is not null && children.TryGetValue(_key, out var held) && ReferenceEquals(held, Layer)) children.Remove(_key);
    }

    // Activations and dropout of torch have it, each in its own class.
    private static PropertyInfo? Inplace(nn.Module module) => module.GetType().GetProperty("inplace", typeof(bool)) is { CanRead: true, CanWrite: true } property ? property : null;
}
