using System.Text;

namespace Defenses.Onnx;

/// <summary>A field with a length in a protocol buffer: its number, and where its content begins and ends.</summary>
internal readonly record struct ProtocolField(long Number, long Start, long End);

/// <summary>Walks through the fields of a protocol buffer. Only fields with a length are shown; what is not asked for is skipped, not read.</summary>
internal sealed class ProtocolBuffer(Stream stream) : IDisposable
{
    private const int Varint = 0, Eight = 1, Delimited = 2, Four = 5, LongestText = 1 << 16;

    internal long Length => stream.Length;

    public void Dispose() => stream.Dispose();

    /// <summary>Calls <paramref name="see"/> for each field with a length from here to <paramref name="end"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are no protocol buffer.</exception>
    internal void Each(long end, Action<ProtocolField> see)
    {
        while (stream.Position < end)
        {
            var tag = Number();
            var skipped = (int)(tag & 7) switch
            {
                Varint => Number() & 0,
                Eight => 8,
                Delimited => Number(),
                Four => 4,
                _ => throw new InvalidDataException("Groups are not in use."),
            };
            var field = new ProtocolField(tag >> 3, stream.Position, stream.Position + skipped);
            if (skipped < 0 || field.End > end) throw new InvalidDataException("A field is longer than what holds it.");
            if ((tag & 7) == Delimited) see(field);
            stream.Position = field.End;
        }
    }

    /// <summary>The text of a field.</summary>
    internal string Text(ProtocolField field)
    {
        var bytes = new byte[Math.Min(field.End - field.Start, LongestText)];
        stream.Position = field.Start;
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private long Number()
    {
        var number = 0L;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = stream.ReadByte();
            if (next < 0) throw new InvalidDataException("The file ends within a number.");
            number |= (long)(next & 127) << shift;
            if (next < 128) return number;
        }
        throw new InvalidDataException("A number is longer than 64 bits.");
    }
}
