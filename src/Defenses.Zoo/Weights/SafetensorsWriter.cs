using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The writer of <see cref="Safetensors"/>.</summary>
internal static class SafetensorsWriter
{
    private static readonly Dictionary<string, string> NoNotes = [];

    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        TargetFile.Check(path);
        foreach (var (key, tensor) in tensors) Check(key, tensor, nameof(tensors));
        if (metadata?.ContainsKey(SafetensorsChecksum.Key) == true)
            throw new ArgumentException($"metadata must not have the name '{SafetensorsChecksum.Key}': the file's checksum has it.", nameof(metadata));
        // Sorted by element size, largest first, so that every tensor is aligned; then by name, so that the bytes do not depend on the given order.
        var order = tensors.OrderByDescending(t => t.Value.element_size()).ThenBy(t => t.Key, StringComparer.Ordinal).ToArray();
        var header = Header(order, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in order) WriteValues(stream, tensor);
            SafetensorsChecksum.Complete(stream, header);
        });
    }

    private static byte[] Header(KeyValuePair<string, Tensor>[] order, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString(SafetensorsChecksum.Key, SafetensorsChecksum.Empty);
            foreach (var (name, text) in (metadata ?? NoNotes).OrderBy(note => note.Key, StringComparer.Ordinal)) json.WriteString(name, text);
            json.WriteEndObject();
            long begin = 0;
            foreach (var (key, tensor) in order) begin = WriteEntry(json, key, tensor, begin);
            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    private static long WriteEntry(Utf8JsonWriter json, string key, Tensor tensor, long begin)
    {
        var (type, bytes) = SafetensorsTypes.Find(tensor.dtype)!.Value;
        var end = begin + (tensor.numel() * bytes);
        json.WriteStartObject(key);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (var length in tensor.shape) json.WriteNumberValue(length);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void WriteValues(Stream stream, Tensor tensor)
    {
        if (tensor.numel() == 0) return;
        using var scope = NewDisposeScope();
        stream.Write(tensor.detach().cpu().contiguous().bytes);
    }

    private static void Check(string key, Tensor tensor, string argument)
    {
        if (key == "__metadata__")
            throw new ArgumentException($"{argument} must not have the name '__metadata__': the format keeps its notes there.", argument);
        var (_, bytes) = SafetensorsTypes.Find(tensor.dtype)
            ?? throw new ArgumentException($"{argument} must be of type {SafetensorsTypes.Names}, but '{key}' is {tensor.dtype}.", argument);
        if (tensor.numel() > int.MaxValue / bytes)
            throw new ArgumentException($"{argument} must need at most 2 GiB each, but '{key}' has {tensor.numel()} elements of {bytes} bytes.", argument);
    }
}
