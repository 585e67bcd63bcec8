using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Where one tensor lies in the data of a safetensors file, in bytes.</summary>
internal sealed record SafetensorsEntry(string Key, ScalarType Type, long[] Shape, long Begin, long End);
