using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TorchSharp.Lite.Tests.Lite.Api;

// Spells types and values as the listing in Data/api.txt does: C# keywords, no namespace of .NET's, no leading "TorchSharp.".
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal", [typeof(nint)] = "IntPtr", [typeof(nuint)] = "UIntPtr",
    };

    // The names of tuple elements stand in an attribute of the member, in the order in which the elements are met.
    internal static string Of(Type type, ICustomAttributeProvider? member = null) => Spell(type, TupleNames(member));

    internal static string Literal(object? value, Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => bare.IsValueType ? "default/null" : "null",
            _ when bare.IsEnum => $"{Of(bare)}.{Enum.ToObject(bare, value)}",
            string text => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"",
            bool truth => truth ? "true" : "false",
            char letter => letter < ' ' ? $"'\\x{(int)letter:x}'" : $"'{letter}'",
            float number => number.ToString("R", CultureInfo.InvariantCulture) + "f",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
    }

    private static Queue<string?> TupleNames(ICustomAttributeProvider? member) =>
        new(member?.GetCustomAttributes(typeof(TupleElementNamesAttribute), false).Cast<TupleElementNamesAttribute>().SingleOrDefault()?.TransformNames ?? []);

    private static string Spell(Type type, Queue<string?> names)
    {
        if (type.IsByRef) return Spell(type.GetElementType()!, names);
        if (type.IsPointer) return Spell(type.GetElementType()!, names) + "*";
        if (type.IsArray) return $"{Spell(type.GetElementType()!, names)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsGenericParameter) return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } bare) return Spell(bare, names) + "?";
        if (type.IsGenericType && typeof(ITuple).IsAssignableFrom(type) && type.IsValueType) return Tuple(type, names);
        return Keywords.TryGetValue(type, out var keyword) ? keyword : Named(type, names);
    }

    private static string Tuple(Type type, Queue<string?> names)
    {
        var elements = type.GetGenericArguments();
        var own = elements.Select(_ => names.TryDequeue(out var name) ? name : null).ToList();
        return $"({string.Join(", ", elements.Select((element, i) => own[i] is null ? Spell(element, names) : $"{Spell(element, names)} {own[i]}"))})";
    }

    // Outer types come first; each level shows the type arguments that it adds.
    private static string Named(Type type, Queue<string?> names)
    {
        var arguments = new Queue<Type>(type.GetGenericArguments());
        var levels = new Stack<Type>();
        for (var level = type; level is not null; level = level.DeclaringType) levels.Push(level);
        var prefix = levels.Peek().Namespace switch
        {
            "TorchSharp" or null => "",
            var space when space.StartsWith("System", StringComparison.Ordinal) => "",
            var space => space.Replace("TorchSharp.", "", StringComparison.Ordinal) + ".",
        };
        return prefix + string.Join(".", levels.Select(level => Level(level, arguments, names)));
    }

    private static string Level(Type level, Queue<Type> arguments, Queue<string?> names)
    {
        var mark = level.Name.IndexOf('`', StringComparison.Ordinal);
        if (mark < 0) return level.Name;
        var own = new List<string>();
        for (var i = int.Parse(level.Name[(mark + 1)..], CultureInfo.InvariantCulture); i > 0; i--) own.Add(Spell(arguments.Dequeue(), names));
        return $"{level.Name[..mark]}<{string.Join(", ", own)}>";
    }
}
