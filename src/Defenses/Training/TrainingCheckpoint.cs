using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>The whole state of a training in one file: a format mark, the settings, the position, the tensors, and a SHA-256 of these.</summary>
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
                CheckpointTensors.Write(writer, tensors);
            }
            var hash = Hash(stream, stream.Length);
            stream.Write(hash);
        });

    /// <exception cref="InvalidDataException">The file is not a checkpoint, or is damaged.</exception>
    /// <exception cref="InvalidOperationException">It belongs to a training with other settings.</exception>
    internal static void Load(string path, string settings, TrainingPosition position, IReadOnlyList<(string, Tensor)> tensors)
    {
        using var stream = File.OpenRead(path);
        RequireWhole(path, stream);
        stream.Position = 0;
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadString() != Mark) throw new InvalidDataException($"The checkpoint '{path}' was written by another version. Delete it to start again.");
        TrainingSettings.RequireSame(path, saved: reader.ReadString(), settings);
        position.Read(reader);
        CheckpointTensors.Read(reader, tensors);
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
        throw new InvalidDataException($"The checkpoint '{path}' is damaged: its content does not fit its checksum. Delete it to start again.");
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

/// <summary>The position of a training: counters and history, without tensors.</summary>
internal sealed class TrainingPosition
{
    /// <summary>Epochs done.</summary>
    internal int Epoch { get; set; }

    /// <summary>Steps done within the epoch.</summary>
    internal long StepInEpoch { get; set; }

    /// <summary>Steps done since the beginning.</summary>
    internal long Step { get; set; }

    /// <summary>The epochs done.</summary>
    internal List<EpochResult> History { get; } = [];

    internal void Write(BinaryWriter writer)
    {
        writer.Write(Epoch);
        writer.Write(StepInEpoch);
        writer.Write(Step);
        writer.Write(History.Count);
        foreach (var result in History)
        {
            writer.Write(result.Loss);
            writer.Write(result.Accuracy);
            writer.Write(result.ValidationAccuracy ?? double.NaN);
        }
    }

    internal void Read(BinaryReader reader)
    {
        Epoch = reader.ReadInt32();
        StepInEpoch = reader.ReadInt64();
        Step = reader.ReadInt64();
        var count = reader.ReadInt32();
        History.Clear();
        for (var i = 0; i < count; i++)
        {
            var (loss, accuracy, validation) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            History.Add(new EpochResult(i + 1, loss, accuracy, double.IsNaN(validation) ? null : validation));
        }
    }
}

/// <summary>Writes named tensors, and reads them back into existing tensors, bit for bit.</summary>
internal static class CheckpointTensors
{
    internal static void Write(BinaryWriter writer, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        writer.Write(tensors.Count);
        foreach (var (name, value) in tensors)
        {
            using var scope = NewDisposeScope();
            var plain = value.detach().cpu().contiguous();
            writer.Write(Describe(name, plain));
            writer.Write(plain.bytes);
        }
    }

    /// <exception cref="InvalidDataException">The stream holds other names, shapes or dtypes, or ends early.</exception>
    internal static void Read(BinaryReader reader, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        using var noGrad = no_grad();
        var count = reader.ReadInt32();
        if (count != tensors.Count) throw new InvalidDataException($"It holds {count} tensors; the network and its optimizer have {tensors.Count}.");
        foreach (var (name, value) in tensors)
        {
            using var scope = NewDisposeScope();
            var found = reader.ReadString();
            if (found != Describe(name, value)) throw new InvalidDataException($"It holds {found} where the network has {Describe(name, value)}.");
            var plain = empty(value.shape, dtype: value.dtype, device: CPU);
            reader.BaseStream.ReadExactly(plain.bytes);
            value.copy_(plain);
        }
    }

    private static string Describe(string name, Tensor value) => $"{name}: {value.dtype} {Require.Shape(value)}";
}
