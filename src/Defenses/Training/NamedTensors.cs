using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Writes tensors with their names, and reads them back into tensors that exist already, bit for bit.</summary>
internal static class NamedTensors
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
