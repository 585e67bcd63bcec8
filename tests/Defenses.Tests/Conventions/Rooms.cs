using System.Text.RegularExpressions;

namespace Defenses.Tests.Conventions;

/// <summary>
/// Which room uses which. A room is a folder below a first folder of src/Defenses, such as Attacks/Norms; the files that lie directly in the first folder
/// are a room, too. The rooms of one first folder must not use each other in a circle.
/// </summary>
internal static partial class Rooms
{
    /// <summary>The room of each type that a file declares at its top, by the type's full name.</summary>
    /// <param name="files">Path, relative to the folder of the project, and text of each file.</param>
    public static IReadOnlyDictionary<string, string> OfTypes(IEnumerable<(string Path, string Text)> files) =>
        files.SelectMany(file => Declaration().Matches(file.Text).Select(match => (Name: match.Groups["name"].Value + Arity(match), file)))
            .DistinctBy(found => (Space(found.file.Text), found.Name))
            .ToDictionary(found => $"{Space(found.file.Text)}.{found.Name}", found => Path.GetDirectoryName(found.file.Path)!.Replace('\\', '/'));

    /// <summary>One sentence for each circle of rooms, with a pair of types for each of its arrows.</summary>
    public static IEnumerable<string> Circles(IEnumerable<Type> types, IReadOnlyDictionary<string, string> rooms)
    {
        var arrows = new Dictionary<(string From, string To), (Type User, Type Used)>();
        foreach (var type in types)
        {
            if (Room(type, rooms) is not { } from) continue;
            foreach (var used in References.Of(type))
            {
                if (Room(used, rooms) is { } to && to != from && First(to) == First(from)) arrows.TryAdd((from, to), (type, used));
            }
        }

        return arrows.Keys.Select(arrow => Way(arrow.To, arrow.From, arrows.Keys) is { } way ? way.Prepend(arrow.From).ToArray() : null)
            .OfType<string[]>().DistinctBy(circle => string.Join(' ', circle.Skip(1).Order(StringComparer.Ordinal)))
            .Select(circle => string.Join(", ", circle.Zip(circle.Skip(1), (from, to) =>
                $"{from} uses {to} ({arrows[(from, to)].User.Name} uses {arrows[(from, to)].Used.Name})")));
    }

    // The shortest way between two rooms, both ends included; null where there is none.
    private static List<string>? Way(string from, string to, ICollection<(string From, string To)> arrows)
    {
        var before = new Dictionary<string, string?> { [from] = null };
        var next = new Queue<string>([from]);
        while (next.TryDequeue(out var room) && room != to)
        {
            foreach (var (_, neighbor) in arrows.Where(arrow => arrow.From == room && before.TryAdd(arrow.To, room))) next.Enqueue(neighbor);
        }

        if (!before.ContainsKey(to)) return null;
        var way = new List<string>();
        for (string? room = to; room is not null; room = before[room]) way.Insert(0, room);
        return way;
    }

    private static string First(string room) => room.Split('/')[0];

    private static string? Room(Type type, IReadOnlyDictionary<string, string> rooms)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return rooms.GetValueOrDefault($"{type.Namespace}.{type.Name}");
    }

    private static string Space(string text) => SourceRules.Namespace().Match(text).Groups["name"].Value;

    private static string Arity(Match declaration) =>
        declaration.Groups["parameters"].Value is { Length: > 0 } list ? $"`{list.Count(letter => letter == ',') + 1}" : "";

    [GeneratedRegex(
        @"^(?:public|internal) [^(={;]*?\b(?:class|interface|enum|record|struct|delegate(?: \S+)?)(?: class| struct)?\s+(?<name>(?!class\b|struct\b)\w+)"
        + @"(?:<(?<parameters>[^>]*)>)?", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
