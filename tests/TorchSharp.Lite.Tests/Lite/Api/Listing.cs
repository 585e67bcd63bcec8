using System.Text.RegularExpressions;

namespace TorchSharp.Lite.Tests.Lite.Api;

// TorchSharp's API as Data/api.txt lists it: for each type its kind, its bases and its members.
internal sealed partial class Listing
{
    private readonly Dictionary<string, Entry> _types = [];

    internal Listing(IEnumerable<string> lines)
    {
        foreach (var line in lines.Where(line => !line.StartsWith('#') && line.Contains(" :: ", StringComparison.Ordinal)))
        {
            var (name, text) = Cut(Plain(line));
            if (!_types.TryGetValue(name, out var entry)) _types[name] = entry = new Entry();
            if (text.StartsWith("type ", StringComparison.Ordinal)) entry.Read(text);
            else entry.Members.Add(text);
        }
    }

    internal bool Has(string type) => _types.ContainsKey(type);

    internal string Kind(string type) => _types[type].Kind;

    // A member may be declared anywhere on the chain of bases.
    internal bool Has(string type, string member) => Chain(type).Any(entry => entry.Members.Contains(Plain(member)));

    private IEnumerable<Entry> Chain(string start)
    {
        var open = new Queue<string>([start]);
        var seen = new HashSet<string>();
        while (open.TryDequeue(out var name))
        {
            if (!seen.Add(name)) continue;
            var entry = _types.GetValueOrDefault(name) ?? _types.FirstOrDefault(pair => WithoutArguments(pair.Key) == WithoutArguments(name)).Value;
            if (entry is null) continue;
            yield return entry;
            entry.Bases.ForEach(open.Enqueue);
        }
    }

    private static (string, string) Cut(string line)
    {
        var at = line.IndexOf(" :: ", StringComparison.Ordinal);
        return (line[..at], line[(at + 4)..]);
    }

    // Left out: notes that a member is obsolete, how it is inherited, and '?' behind reference types.
    private static string Plain(string line) =>
        ReferenceMark().Replace(Inheritance().Replace(ObsoleteNote().Replace(line, ""), "").Replace("protected internal ", "protected ", StringComparison.Ordinal), "");

    private static string WithoutArguments(string name) => name.Split('<')[0] + (name.Contains('<', StringComparison.Ordinal) ? "<>" : "");

    [GeneratedRegex(@"  \[Obsolete.*$")]
    private static partial Regex ObsoleteNote();

    [GeneratedRegex(@"\b(?:virtual|override|abstract|sealed) (?!class)")]
    private static partial Regex Inheritance();

    [GeneratedRegex(@"(?<!\b(?:bool|byte|sbyte|short|ushort|int|uint|long|ulong|float|double|decimal|char|ScalarType|DeviceType|layout_type|TimeSpan)|\))\?(?=[ ,)>\[\]]|$)")]
    private static partial Regex ReferenceMark();

    private sealed partial class Entry
    {
        internal string Kind { get; private set; } = "";

        internal List<string> Bases { get; } = [];

        internal HashSet<string> Members { get; } = [];

        internal void Read(string text)
        {
            Kind = (Static().IsMatch(text) ? "static " : "") + AnyKind().Match(text).Value;
            var colon = text.IndexOf(" : ", StringComparison.Ordinal);
            if (colon >= 0) Bases.AddRange(Comma().Split(text[(colon + 3)..].Split(" where ")[0]).Select(name => name.Trim()));
        }

        [GeneratedRegex(@"\bstatic class\b")]
        private static partial Regex Static();

        [GeneratedRegex(@"\b(?:class|struct|interface|enum|delegate)\b")]
        private static partial Regex AnyKind();

        // Not those between angle brackets or parentheses.
        [GeneratedRegex(@",(?![^<(]*[>)])")]
        private static partial Regex Comma();
    }
}
