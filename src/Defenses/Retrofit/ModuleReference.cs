using System.Collections;
using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace Defenses.Retrofit;

/// <summary>A variable inside a module that holds another module: a field, an element of a list in a field, a value of a dictionary.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Type">Its declared type.</param>
/// <param name="Set">Assigns another module.</param>
internal sealed record ModuleReference(string Name, Type Type, Action<torch.nn.Module> Set)
{
    /// <summary>Every variable of <paramref name="parent"/> that holds <paramref name="module"/>.</summary>
    internal static IReadOnlyList<ModuleReference> Holding(torch.nn.Module parent, torch.nn.Module module) =>
        [.. Types(parent).SelectMany(type => InContainer(parent, type, module) ?? Fields(type).SelectMany(field => InField(parent, field, module)))];

    /// <summary>Every module in a variable of <paramref name="parent"/>, with the name of the field.</summary>
    internal static IEnumerable<(string Field, torch.nn.Module Module)> Contents(torch.nn.Module parent) =>
        from type in Types(parent)
        from field in Fields(type)
        from module in Modules(field.GetValue(parent))
        select (field.Name, module);

    // The type and its bases, up to torch's own Module.
    private static IEnumerable<Type> Types(torch.nn.Module parent)
    {
        for (var type = parent.GetType(); type is not null && type.DeclaringType != typeof(torch.nn); type = type.BaseType) yield return type;
    }

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);

    private static IEnumerable<torch.nn.Module> Modules(object? value) => value switch
    {
        torch.nn.Module module => [module],
        IDictionary dictionary => dictionary.Values.OfType<torch.nn.Module>(),
        IEnumerable<object> list and IList => list.OfType<torch.nn.Module>(),
        _ => [],
    };

    private static IEnumerable<ModuleReference> InField(torch.nn.Module parent, FieldInfo field, torch.nn.Module module) => field.GetValue(parent) switch
    {
        torch.nn.Module held => ReferenceEquals(held, module)
            ? [new ModuleReference($"field '{field.Name}'", field.FieldType, other => field.SetValue(parent, other))] : [],
        IDictionary dictionary => InDictionary(dictionary, field.Name, module),
        IEnumerable<object> and IList list => InList(list, field.Name, module),
        _ => [],
    };

    private static IEnumerable<ModuleReference> InList(IList list, string field, torch.nn.Module module)
    {
        var type = list.GetType() is { IsArray: true } array ? array.GetElementType()! : Argument(list.GetType(), typeof(IList<>), 0);
        if (list is { IsReadOnly: true } and not Array) type = typeof(void);
        return Enumerable.Range(0, list.Count).Where(i => ReferenceEquals(list[i], module))
            .Select(i => new ModuleReference($"'{field}[{i}]'", type, other => list[i] = other)).ToArray();
    }

    private static IEnumerable<ModuleReference> InDictionary(IDictionary dictionary, string field, torch.nn.Module module)
    {
        var type = dictionary.IsReadOnly ? typeof(void) : Argument(dictionary.GetType(), typeof(IDictionary<,>), 1);
        return dictionary.Keys.Cast<object>().Where(key => ReferenceEquals(dictionary[key], module))
            .Select(key => new ModuleReference($"'{field}[{key}]'", type, other => dictionary[key] = other)).ToArray();
    }

    private static Type Argument(Type type, Type definition, int index) => type.GetInterfaces()
        .FirstOrDefault(face => face.IsGenericType && face.GetGenericTypeDefinition() == definition)?.GetGenericArguments()[index] ?? typeof(object);

    // ModuleList and ModuleDict have their own setters; null for other types.
    private static IEnumerable<ModuleReference>? InContainer(torch.nn.Module parent, Type type, torch.nn.Module module)
    {
        if (!ModuleTree.IsContainer(type)) return null;
        object[] keys = type.GetGenericTypeDefinition() == typeof(ModuleList<>)
            ? [.. Enumerable.Range(0, (int)type.GetProperty("Count")!.GetValue(parent)!).Cast<object>()]
            : [.. (ICollection<string>)type.GetProperty("Keys")!.GetValue(parent)!];
        var element = type.GetGenericArguments()[0];
        var item = type.GetProperty("Item", element, [keys.FirstOrDefault("").GetType()])!;
        return keys.Where(key => ReferenceEquals(item.GetValue(parent, [key]), module))
            .Select(key => new ModuleReference($"'[{key}]'", element, other => item.SetValue(parent, other, [key])));
    }
}

/// <summary>The children of a module by key, in order. torch uses this registry to save, move and switch modes.</summary>
internal static class ModuleRegistry
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

    /// <summary>The registry itself. Assigning to an existing key keeps the order.</summary>
    internal static OrderedDict<string, torch.nn.Module> Of(torch.nn.Module module) =>
        (OrderedDict<string, torch.nn.Module>)s_submodules.GetValue(module)!;
}
