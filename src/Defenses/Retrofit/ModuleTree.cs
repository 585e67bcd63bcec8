using System.Reflection;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>The slots of a model: all places that hold modules.</summary>
internal static class ModuleTree
{
    /// <summary>Every slot below the root, parents before children; a module that is used twice is walked once.</summary>
    internal static IReadOnlyList<ModuleSlot> Slots(torch.nn.Module root)
    {
        var slots = new List<ModuleSlot>();
        Walk(root, "", slots, new HashSet<torch.nn.Module>(ReferenceEqualityComparer.Instance));
        return slots;
    }

    /// <summary>ModuleList and ModuleDict.</summary>
    internal static bool IsContainer(Type type) => type is { IsGenericType: true }
        && (type.GetGenericTypeDefinition() == typeof(ModuleList<>) || type.GetGenericTypeDefinition() == typeof(ModuleDict<>));

    /// <summary>Modules of type T that are held in variables but not registered: torch neither saves nor moves them, and they cannot be replaced.</summary>
    internal static IReadOnlyList<string> Unregistered<T>(torch.nn.Module root) where T : torch.nn.Module
    {
        var known = new HashSet<torch.nn.Module>(root.modules().Append(root), ReferenceEqualityComparer.Instance);
        return [.. from parent in known.ToArray()
                   where parent is not WrappedModule
                   from held in ModuleReference.Contents(parent)
                   where !known.Contains(held.Module) && (held.Module is T || held.Module.modules().OfType<T>().Any())
                   select $"{parent.GetType().Name} holds a {held.Module.GetType().Name} in field '{held.Field}' that is not " +
                       "registered, so it is unchanged. Call RegisterComponents() at the end of the constructor, and keep modules in a " +
                       "ModuleList instead of a list."];
    }

    // A module under several names in one parent is one slot.
    private static IEnumerable<(string Key, torch.nn.Module Module)> Registered(torch.nn.Module parent) =>
        ModuleRegistry.Entries(parent).DistinctBy(entry => (object)entry.Module, ReferenceEqualityComparer.Instance);

    private static void Walk(torch.nn.Module parent, string path, List<ModuleSlot> slots, HashSet<torch.nn.Module> seen)
    {
        if (!seen.Add(parent)) return;
        foreach (var slot in Children(parent, path))
        {
            slots.Add(slot);
            Walk(slot.Module, slot.Path, slots, seen);
        }
    }

    private static ModuleSlot[] Children(torch.nn.Module parent, string path)
    {
        string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";
        return parent switch
        {
            WrappedModule insertion =>
                [new WrappedModuleSlot(insertion, true, WrappedModule.OriginalName, path),
                    new WrappedModuleSlot(insertion, false, insertion.LayerName, Below(insertion.LayerName))],
            Sequential chain => [.. chain.named_children().Select((child, i) => new SequentialSlot(chain, i, child.name, Below(child.name), child.module))],
            _ => [.. Registered(parent).Select(child => new RegisteredSlot(parent, child.Key, Below(child.Key), child.Module))],
        };
    }
}

/// <summary>A place in a model that holds a module: an element of a container or a registered child of a custom module.</summary>
internal abstract class ModuleSlot
{
    private protected ModuleSlot(nn.Module parent, string name, string path, nn.Module module) =>
        (Parent, Name, Path, Module) = (parent, name, path, module);

    internal nn.Module Parent { get; }

    /// <summary>The key of the module in its parent.</summary>
    internal string Name { get; }

    /// <summary>The path from the root, without wrappers of earlier retrofits.</summary>
    internal string Path { get; }

    internal nn.Module Module { get; }

    /// <summary>The route by which a replacement is inserted here.</summary>
    internal abstract RetrofitRoute Route { get; }

    /// <summary>Why this slot can hold no other module; null if it can.</summary>
    internal virtual string? Obstacle => null;

    /// <summary>Replaces the module in the slot. Keys and order do not change.</summary>
    internal abstract void Assign(nn.Module<Tensor, Tensor> module);
}

/// <summary>A registered child of a custom module, of a ModuleList or a ModuleDict: the registry gives its key, the fields decide which module runs.</summary>
internal sealed class RegisteredSlot(nn.Module parent, string name, string path, nn.Module module) : ModuleSlot(parent, name, path, module)
{
    internal override RetrofitRoute Route => ModuleTree.IsContainer(Parent.GetType()) ? RetrofitRoute.Slot : RetrofitRoute.Field;

    internal override string? Obstacle
    {
        get
        {
            var references = ModuleReference.Holding(Parent, Module);
            var owner = Parent.GetType().Name;
            if (references.Count == 0) return $"{owner} keeps it in no field, list or dictionary that could hold another module";
            var narrow = references.FirstOrDefault(reference => !reference.Type.IsAssignableFrom(typeof(WrappedModule)));
            return narrow is null ? null : $"{owner} holds it in {narrow.Name} of type {narrow.Type.Name}, which can hold no other module";
        }
    }

    internal override void Assign(nn.Module<Tensor, Tensor> module)
    {
        var children = ModuleRegistry.Of(Parent);
        foreach (var (key, child) in ModuleRegistry.Entries(Parent))
            if (ReferenceEquals(child, Module)) children[key] = module;
        foreach (var reference in ModuleReference.Holding(Parent, Module)) reference.Set(module);
    }
}

/// <summary>A slot of a <see cref="Sequential"/>. Its children are in a private list, which alone decides what runs.</summary>
internal sealed class SequentialSlot(Sequential parent, int index, string name, string path, nn.Module module)
    : ModuleSlot(parent, name, path, module)
{
    private static readonly FieldInfo s_modules =
        typeof(Sequential).GetField("_modules", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new NotSupportedException("This version of TorchSharp keeps the children of Sequential elsewhere than in the list '_modules'.");

    internal override RetrofitRoute Route => RetrofitRoute.Slot;

    internal override void Assign(nn.Module<Tensor, Tensor> module) =>
        ((List<nn.IModule<Tensor, Tensor>>)s_modules.GetValue(Parent)!)[index] = module;
}

/// <summary>One of the two slots of a wrapper of an earlier retrofit: the module it wraps, or the layer it adds.</summary>
internal sealed class WrappedModuleSlot(WrappedModule parent, bool original, string name, string path)
    : ModuleSlot(parent, name, path, original ? parent.Original : parent.Layer)
{
    internal override RetrofitRoute Route => RetrofitRoute.Slot;

    internal override void Assign(nn.Module<Tensor, Tensor> module)
    {
        if (original) parent.Original = module;
        else parent.Layer = module;
    }
}
