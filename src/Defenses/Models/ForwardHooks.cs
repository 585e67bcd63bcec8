using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using TorchSharp;

namespace Defenses.Models;

/// <summary>Whether something watches the modules of a network: a forward hook sees each pass, and may count on the whole batch.</summary>
/// <remarks>TorchSharp keeps hooks in private fields. Where another version has other fields, every module counts as watched.</remarks>
internal static class ForwardHooks
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> s_fields = new();

    /// <summary>Whether the network or a module within it has a forward hook, before or behind it.</summary>
    internal static bool Any(torch.nn.Module network) => network.modules().Prepend(network).Any(HasHook);

    private static bool HasHook(torch.nn.Module module)
    {
        if (Hookable(module.GetType()) is not { } type) return false;   // no hook can be put there
        var fields = s_fields.GetOrAdd(type, Hooks);
        return fields.Length < 2 || fields.Any(field => field.GetValue(module) is ICollection { Count: > 0 });
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
