using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The whole state of a training in one file: a mark, the settings, the position, the tensors, and a SHA-256 of all that.</summary>
internal static class TrainingCheckpoint
{
    private const string Mark = "Defenses training 1";

    internal static void Save(string path, string settings, TrainingPosition position, IReadOnlyList<(string, Tensor)> tensors) =>
        AtomicFile.Write(path, stream =>
        {
            using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Mark);
                writer.Write(settings);
                position.Write(writer);
                NamedTensors.Write(writer, tensors);
            }
            var hash = Hash(stream, stream.Length);
            stream.Write(hash);
        });

    /// <exception cref="InvalidDataException">The file is no checkpoint, or damaged.</exception>
    /// <exception cref="InvalidOperationException">It belongs to a training with other settings.</exception>
    internal static void Load(string path, string settings, TrainingPosition position, IReadOnlyList<(string, Tensor)> tensors)
    {
        using var stream = File.OpenRead(path);
        RequireWhole(path, stream);
        stream.Position = 0;
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadString() != Mark) throw new InvalidDataException($"The checkpoint '{path}' was written by another version. Delete it to begin anew.");
        TrainingSettings.RequireSame(path, saved: reader.ReadString(), settings);
        position.Read(reader);
        NamedTensors.Read(reader, tensors);
    }

    private static void RequireWhole(string path, FileStream stream)
    {
        var content = stream.Length - SHA256.HashSizeInBytes;
        if (content > 0)
        {
            var hash = Hash(stream, content);
            var saved = new byte[SHA256.HashSizeInBytes];
            stream.ReadExactly(saved);
            if (hash.AsSpan().SequenceEqual(saved)) return;
        }
        throw new InvalidDataException($"The checkpoint '{path}' is damaged: its content does not fit its checksum. Delete it to begin anew.");
    }

    private static byte[] Hash(FileStream stream, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        stream.Position = 0;
        while (length > 0)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, length));
            if (read == 0) throw new EndOfStreamException();
            hash.AppendData(buffer, 0, read);
            length -= read;
        }
        return hash.GetHashAndReset();
    }
}
