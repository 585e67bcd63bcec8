using System.Reflection;
using TorchSharp;
using TorchSharp.Utils;

namespace Defenses.Retrofit;

/// <summary>The children of a module by key, in order: torch walks it to save, move and switch modes.</summary>
internal static class Registry
{
    private static readonly FieldInfo s_submodules =
        typeof(torch.nn.Module).GetField("_internal_submodules", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new NotSupportedException("This version of TorchSharp keeps registered modules elsewhere than in '_internal_submodules'.");

    /// <summary>A copy of the entries, in order.</summary>
    internal static IReadOnlyList<(string Key, torch.nn.Module Module)> Entries(torch.nn.Module module)
    {
        var entries = new List<(string, torch.nn.Module)>();
        foreach (var (key, child) in Of(module)) entries.Add((key, child));
        return entries;
    }

    /// <summary>Assigning to a key that is there keeps the order.</summary>
    internal static OrderedDict<string, torch.nn.Module> Of(torch.nn.Module module) =>
        (OrderedDict<string, torch.nn.Module>)s_submodules.GetValue(module)!;
}
