using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Onnx;

/// <summary>Writes an ONNX model, operator by operator: protocol buffers with the field numbers of onnx.proto3.</summary>
internal sealed class OnnxFile
{
    internal const int Float = 1, Int64 = 7, Text = 8, Half = 10, Double = 11;
    private readonly List<byte> _graph = [.. Bytes(2, "graph"u8.ToArray())];

    /// <summary>A tensor that the model takes. A dimension is a number, or the name of one that is free; without any the rank is unknown.</summary>
    internal OnnxFile Input(string name, int type, params object[]? shape) => Add(11, Value(name, Bytes(1, TensorType(type, shape))));

    internal OnnxFile Output(string name, int type, params object[]? shape) => Add(12, Value(name, Bytes(1, TensorType(type, shape))));

    /// <summary>A sequence of tensors of floats that the model gives.</summary>
    internal OnnxFile Sequence(string name) => Add(12, Value(name, Bytes(4, Bytes(1, Bytes(1, TensorType(Float, ["n", 4L]))))));

    internal OnnxFile Node(string name, string input, string output, params (string Name, long Value)[] attributes) => Node(name, [input], output, attributes);

    internal OnnxFile Node(string name, string[] inputs, string output, params (string Name, long Value)[] attributes) => Add(1,
    [
        .. inputs.SelectMany(input => Bytes(1, Of(input))), .. Bytes(2, Of(output)), .. Bytes(4, Of(name)),
        .. attributes.SelectMany(one => Bytes(5, [.. Bytes(1, Of(one.Name)), .. Number(3, one.Value), .. Number(20, 2)])),
    ]);

    /// <summary>A constant of the graph: a tensor of float, double or int64 numbers.</summary>
    internal OnnxFile Weight(string name, Tensor values)
    {
        var type = values.dtype switch { ScalarType.Float32 => Float, ScalarType.Float64 => Double, _ => Int64 };
        using var numbers = values.detach().contiguous();
        return Add(5, [.. numbers.shape.SelectMany(size => Number(1, size)), .. Number(2, type), .. Bytes(8, Of(name)), .. Bytes(9, numbers.bytes.ToArray())]);
    }

    internal byte[] ToArray() => [.. Number(1, 8), .. Bytes(7, [.. _graph]), .. Bytes(8, [.. Number(2, 13)])];

    private OnnxFile Add(int number, byte[] content)
    {
        _graph.AddRange(Bytes(number, content));
        return this;
    }

    private static byte[] Value(string name, byte[] type) => [.. Bytes(1, Of(name)), .. Bytes(2, type)];

    private static byte[] TensorType(int type, object[]? shape) => shape is null ? Number(1, type) : [.. Number(1, type), .. Bytes(2,
        [.. shape.SelectMany(size => Bytes(1, size is string name ? Bytes(2, Of(name)) : Number(1, Convert.ToInt64(size))))])];

    private static byte[] Of(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Bytes(int number, byte[] content) => [.. Varint((number << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int number, long value) => [.. Varint(number << 3), .. Varint(value)];

    private static IEnumerable<byte> Varint(long value)
    {
        for (var rest = (ulong)value; ; rest >>= 7)
        {
            yield return (byte)((rest & 127) | (rest > 127 ? 128u : 0));
            if (rest <= 127) yield break;
        }
    }
}
