using System.Text.Json;
using System.Text.Json.Serialization;
using Defenses.Attacks;
using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.MinimumNorm;

/// <summary>What one attack found on the images: for each whether it succeeded, the size, and the passes.</summary>
internal sealed record SmallestChanges(bool[] Met, double[] Size, long Forward, long Backward)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    /// <summary>Sizes with ∞ for failures.</summary>
    [JsonIgnore]
    public double[] Effective => [.. Size.Zip(Met, (size, met) => met ? size : double.PositiveInfinity)];

    /// <summary>Passes of an image.</summary>
    [JsonIgnore]
    public double Passes => (double)(Forward + Backward) / Met.Length;

    /// <summary>Reads the file of a finished attack, or runs the attack and writes the file.</summary>
    public static SmallestChanges ReadOrRun(string file, Attack attack, Classifier model, Tensor x, Tensor labels)
    {
        if (File.Exists(file)) return JsonSerializer.Deserialize<SmallestChanges>(File.ReadAllText(file), s_json)!;
        using var result = attack.Run(model, x, labels);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var changes = new SmallestChanges(
            result.Met.data<bool>().ToArray(),
            result.Size.to_type(ScalarType.Float64).data<double>().ToArray(), result.Queries.Forward, result.Queries.Backward);
        File.WriteAllText(file + ".part", JsonSerializer.Serialize(changes, s_json));
        File.Move(file + ".part", file, overwrite: true);
        return changes;
    }
}
