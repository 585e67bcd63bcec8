using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Names and sizes of the element types of safetensors files.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] Table =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", Table.Select(row => row.Name));

    public static (ScalarType Type, int Bytes)? Find(string name) =>
        Table.Where(row => row.Name == name).Select(row => ((ScalarType, int)?)(row.Type, row.Bytes)).FirstOrDefault();

    public static (string Name, int Bytes)? Find(ScalarType type) =>
        Table.Where(row => row.Type == type).Select(row => ((string, int)?)(row.Name, row.Bytes)).FirstOrDefault();
}
