using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>A place in a model that holds a module: a slot of a container or a registered child of a custom module.</summary>
internal abstract class ModuleSite
{
    private protected ModuleSite(nn.Module parent, string name, string path, nn.Module module) =>
        (Parent, Name, Path, Module) = (parent, name, path, module);

    internal nn.Module Parent { get; }

    /// <summary>The key of the module in its parent.</summary>
    internal string Name { get; }

    /// <summary>The path from the root, in which wrappers of earlier retrofits do not show.</summary>
    internal string Path { get; }

    internal nn.Module Module { get; }

    /// <summary>How a replacement gets here.</summary>
    internal abstract RetrofitRoute Route { get; }

    /// <summary>Why this place can hold no other module than the present one; null when it can.</summary>
    internal virtual string? Obstacle => null;

    /// <summary>Lets the place hold another module. Keys and order stay.</summary>
    internal abstract void Put(nn.Module<Tensor, Tensor> module);
}
