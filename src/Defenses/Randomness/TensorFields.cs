using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>The fields of a module that can hold tensors: a tensor, an array, a list, a dictionary, a tuple of them, a Lazy; static ones
/// and those of base classes too.</summary>
/// <remarks>Modules of torch and of the library count as having none: they manage their tensors themselves. The fields are found once for each type.</remarks>
internal static class TensorFields
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> s_fields = new();

    /// <summary>Whether a type is neither torch's nor the library's.</summary>
    internal static bool IsForeign(Type type) => type.Assembly != typeof(torch).Assembly && type.Assembly != typeof(TensorFields).Assembly;

    /// <summary>The fields of a module of this type.</summary>
    internal static IReadOnlyList<FieldInfo> Of(Type type) => s_fields.GetOrAdd(type, Find);

    /// <summary>The tensors in the fields of a module, freed ones too.</summary>
    internal static IEnumerable<Tensor> Values(nn.Module module) => Of(module.GetType()).SelectMany(field => In(field.GetValue(module)));

    /// <summary>The tensors in a value.</summary>
    internal static IEnumerable<Tensor> In(object? value) => value switch
    {
        Tensor tensor => [tensor],
        IDictionary dictionary => dictionary.Values.Cast<object?>().SelectMany(In),
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => In(tuple[i])),
        Lazy<Tensor> { IsValueCreated: true } lazy => [lazy.Value],
        ICollection list => list.Cast<object?>().SelectMany(In),
        _ => [],
    };

    private static FieldInfo[] Find(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var level = type; level is not null && IsForeign(level) && level != typeof(object); level = level.BaseType)
            fields.AddRange(level.GetFields(Own).Where(field => !field.IsLiteral && MayHold(field.FieldType)));
        return [.. fields];
    }

    private static bool MayHold(Type type)
    {
        if (typeof(Tensor).IsAssignableFrom(type)) return true;
        if (type.IsArray) return MayHold(type.GetElementType()!);
        if (!type.IsGenericType) return false;
        var holds = typeof(IEnumerable).IsAssignableFrom(type) || typeof(ITuple).IsAssignableFrom(type)
            || type.GetGenericTypeDefinition() == typeof(Lazy<>) || type.GetGenericTypeDefinition() == typeof(Nullable<>);
        return holds && type.GetGenericArguments().Any(MayHold);
    }
}
