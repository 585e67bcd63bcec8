using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;

namespace Defenses.Retrofit;

/// <summary>A model as places that hold modules.</summary>
internal static class ModuleTree
{
    /// <summary>Every place below the root, parents before children; a container that is used twice is walked once.</summary>
    internal static IReadOnlyList<ModuleSite> Sites(torch.nn.Module root)
    {
        var sites = new List<ModuleSite>();
        Walk(root, "", sites, new HashSet<torch.nn.Module>(ReferenceEqualityComparer.Instance));
        return sites;
    }

    /// <summary>ModuleList and ModuleDict.</summary>
    internal static bool IsContainer(Type type) => type is { IsGenericType: true }
        && (type.GetGenericTypeDefinition() == typeof(ModuleList<>) || type.GetGenericTypeDefinition() == typeof(ModuleDict<>));

    /// <summary>Modules of type T that variables hold but no registry knows: torch neither saves nor moves them, and no one can find them.</summary>
    internal static IReadOnlyList<string> Unregistered<T>(torch.nn.Module root) where T : torch.nn.Module
    {
        var known = new HashSet<torch.nn.Module>(root.modules().Append(root), ReferenceEqualityComparer.Instance);
        return [.. from parent in known.ToArray()
                   where parent is not Spliced
                   from held in Cell.Contents(parent)
                   where !known.Contains(held.Module) && (held.Module is T || held.Module.modules().OfType<T>().Any())
                   select $"{parent.GetType().Name} holds a {held.Module.GetType().Name} in field '{held.Field}' that is not registered, so it was left alone. " +
                       "Call RegisterComponents() at the end of the constructor, and keep modules in a ModuleList instead of a list."];
    }

    // A module under several names in one parent is one place.
    private static IEnumerable<(string Key, torch.nn.Module Module)> Registered(torch.nn.Module parent) =>
        Registry.Entries(parent).DistinctBy(entry => (object)entry.Module, ReferenceEqualityComparer.Instance);

    private static void Walk(torch.nn.Module parent, string path, List<ModuleSite> sites, HashSet<torch.nn.Module> seen)
    {
        if (!seen.Add(parent)) return;
        foreach (var site in Children(parent, path))
        {
            sites.Add(site);
            Walk(site.Module, site.Path, sites, seen);
        }
    }

    private static ModuleSite[] Children(torch.nn.Module parent, string path)
    {
        string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";
        return parent switch
        {
            Spliced splice => [new SplicedSite(splice, true, Spliced.OriginalName, path), new SplicedSite(splice, false, splice.LayerName, Below(splice.LayerName))],
            Sequential chain => [.. chain.named_children().Select((child, i) => new SequentialSite(chain, i, child.name, Below(child.name), child.module))],
            _ => [.. Registered(parent).Select(child => new RegisteredSite(parent, child.Key, Below(child.Key), child.Module))],
        };
    }
}
