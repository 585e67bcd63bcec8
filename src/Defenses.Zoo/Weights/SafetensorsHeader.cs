using System.Text.Json;

namespace Defenses.Zoo;

/// <summary>The header of a safetensors file, read strictly: every rule of the format is checked before any data is read.</summary>
internal sealed class SafetensorsHeader
{
    private const string MetadataKey = "__metadata__";
    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    public List<SafetensorsEntry> Entries { get; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the header from its JSON text; the data that follows it has <paramref name="dataLength"/> bytes.</summary>
    public static SafetensorsHeader Parse(string path, byte[] json, long dataLength)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            using var document = JsonDocument.Parse(json);
            header.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)   // the second: text that is no UTF-8
        {
            throw BadFile.Error(path, $"must have a header in JSON, but it is damaged: {e.Message}", e);
        }

        header.CheckLayout(dataLength);
        return header;
    }

    private void Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Error($"must have a JSON object as header, but it is of kind {root.ValueKind}.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in root.EnumerateObject())
        {
            if (!seen.Add(member.Name)) throw Error($"must name each tensor once, but names '{member.Name}' twice.");
            if (member.Name == MetadataKey) ReadMetadata(member.Value);
            else Entries.Add(ReadEntry(member.Name, member.Value));
        }
    }

    private void ReadMetadata(JsonElement notes)
    {
        if (notes.ValueKind != JsonValueKind.Object || notes.EnumerateObject().Any(note => note.Value.ValueKind != JsonValueKind.String))
            throw Error($"must have text under names in '{MetadataKey}', but has something else there.");
        foreach (var note in notes.EnumerateObject()) Metadata[note.Name] = note.Value.GetString()!;
    }

    private SafetensorsEntry ReadEntry(string key, JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String)
            throw Error($"must describe tensor '{key}' by dtype, shape and data_offsets, but gives no dtype.");
        var name = dtype.GetString()!;
        var (type, bytes) = SafetensorsTypes.Find(name) ?? throw Error($"must hold tensors of type {SafetensorsTypes.Names}, but '{key}' is of type {name}.");
        var shape = Numbers(key, entry, "shape");
        var offsets = Numbers(key, entry, "data_offsets");
        if (offsets.Length != 2 || offsets[1] < offsets[0])
            throw Error($"must give the data_offsets of '{key}' as begin and end, but gives [{string.Join(", ", offsets)}].");
        if (Size(shape, bytes) != offsets[1] - offsets[0])
        {
            throw Error($"must give '{key}', {name} of shape ({string.Join(", ", shape)}), as many bytes as its elements need, "
                + $"but gives it {offsets[1] - offsets[0]}.");
        }

        return new SafetensorsEntry(key, type, shape, offsets[0], offsets[1]);
    }

    private long[] Numbers(string key, JsonElement entry, string property)
    {
        if (entry.TryGetProperty(property, out var list) && list.ValueKind == JsonValueKind.Array)
        {
            var numbers = list.EnumerateArray().Select(n => n.ValueKind == JsonValueKind.Number && n.TryGetInt64(out var value) ? value : -1).ToArray();
            if (numbers.All(n => n >= 0)) return numbers;
        }

        throw Error($"must give the {property} of '{key}' as a list of whole numbers of at least 0, but does not.");
    }

    // The tensors must cover the data from its first to its last byte, each byte once.
    private void CheckLayout(long dataLength)
    {
        long end = 0;
        foreach (var entry in Entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin < end)
                throw Error($"must not let tensors overlap, but '{entry.Key}' begins at byte {entry.Begin}, before {end}, where another ends.");
            if (entry.Begin > end)
                throw Error($"must not leave gaps between tensors, but '{entry.Key}' begins at byte {entry.Begin}, after {end}, where the one before ends.");
            end = entry.End;
        }

        if (end > dataLength) throw Error($"is truncated: its header announces {end} bytes of data, but {dataLength} are there. Fetch it again.");
        if (end < dataLength) throw Error($"must end after the {end} bytes of data its header announces, but {dataLength - end} more follow.");
    }

    // Null if the size exceeds the range of long.
    private static long? Size(long[] shape, int bytes)
    {
        if (shape.Contains(0)) return 0;
        long size = bytes;
        foreach (var length in shape)
        {
            if (size > long.MaxValue / length) return null;
            size *= length;
        }

        return size;
    }

    private InvalidDataException Error(string rule) => BadFile.Error(_path, rule);
}
