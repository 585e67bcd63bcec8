using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Onnx;

/// <summary>An input or an output of a model: what the file says of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">A tensor, or something else.</param>
/// <param name="Element">The type of a tensor's elements.</param>
/// <param name="Shape">A tensor's shape; null where any number fits, empty where the file gives none.</param>
internal sealed record Port(string Name, OnnxValueType Kind, TensorElementType Element, IReadOnlyList<long?> Shape)
{
    internal bool IsTensor => Kind == OnnxValueType.ONNX_TYPE_TENSOR;

    /// <summary>The type as torch has it; null for types that hold no floating point numbers of 16 (IEEE), 32 or 64 bits.</summary>
    internal ScalarType? Type => IsTensor ? Element switch
    {
        TensorElementType.Float => ScalarType.Float32,
        TensorElementType.Double => ScalarType.Float64,
        TensorElementType.Float16 => ScalarType.Float16,
        _ => null,
    } : null;

    internal static Port Of(string name, NodeMetadata data) => data.IsTensor
        ? new Port(name, data.OnnxValueType, data.ElementDataType, [.. data.Dimensions.Select(size => size < 0 ? (long?)null : size)])
        : new Port(name, data.OnnxValueType, TensorElementType.DataTypeMax, []);

    /// <summary>Whether a tensor of that shape can be this one. The first number is free where <paramref name="fromImages"/> is set.</summary>
    internal bool Fits(IReadOnlyList<long> shape, bool fromImages) => Shape.Count == 0 || (Shape.Count == shape.Count &&
        Shape.Zip(shape).Skip(fromImages ? 1 : 0).All(pair => pair.First is not { } size || size == pair.Second));

    /// <summary>'images', Float (n, 1, 28, 28).</summary>
    public override string ToString() => IsTensor ? $"'{Name}', {Element} {Sizes()}" : $"'{Name}', {Word()}";

    internal string Sizes() =>
        Shape.Count == 0 ? "of unknown shape" : $"({string.Join(", ", Shape.Select((size, at) => size?.ToString() ?? (at == 0 ? "n" : "?")))})";

    internal string Word() => Kind switch
    {
        OnnxValueType.ONNX_TYPE_SEQUENCE => "a sequence",
        OnnxValueType.ONNX_TYPE_MAP => "a map",
        OnnxValueType.ONNX_TYPE_OPTIONAL => "an optional value",
        OnnxValueType.ONNX_TYPE_SPARSETENSOR => "a sparse tensor",
        _ => "no tensor",
    };
}
