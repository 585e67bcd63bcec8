using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using TorchSharp;

namespace Defenses.Models;

/// <summary>Whether something watches the modules of a network: a forward hook sees each pass, and may count on the whole batch.</summary>
/// <remarks>TorchSharp keeps hooks in private fields. Where another version has other fields, every module counts as watched. The modules are searched once,
/// hooks that are registered or removed later are seen.</remarks>
internal sealed class ForwardHooks
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> s_fields = new();

    private readonly ICollection?[] _hooks;   // null for a field that holds no collection

    /// <summary>The hooks of a network and of all modules within it.</summary>
    internal ForwardHooks(torch.nn.Module network) => _hooks = [.. network.modules().Prepend(network).SelectMany(Of)];

    /// <summary>Whether there is a forward hook at present, before or behind a module.</summary>
    internal bool Any => _hooks.Any(hooks => hooks is not { Count: 0 });

    private static IEnumerable<ICollection?> Of(torch.nn.Module module)
    {
        if (Hookable(module.GetType()) is not { } type) return [];   // no hook can be put there
        var fields = s_fields.GetOrAdd(type, Hooks);
        return fields.Length < 2 ? [null] : fields.Select(field => field.GetValue(module) as ICollection);
    }

    private static Type? Hookable(Type? type)
    {
        for (; type is not null; type = type.BaseType)
            if (type.IsGenericType && type.Name.StartsWith("Hookable", StringComparison.Ordinal)) return type;
        return null;
    }

    private static FieldInfo[] Hooks(Type type) =>
        [.. type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(field => typeof(IDictionary).IsAssignableFrom(field.FieldType))];
}
