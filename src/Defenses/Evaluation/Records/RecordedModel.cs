using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>The model of a record: what it is made of, and what tells it from another.</summary>
public sealed record RecordedModel
{
    /// <summary>Whether it is random.</summary>
    public required bool IsRandom { get; init; }

    /// <summary>Its modules, "path: type (settings)"; empty for a black box.</summary>
    public required IReadOnlyList<string> Graph { get; init; }

    /// <summary>The SHA-256 of its weights: names, types, shapes and values. Null for a black box.</summary>
    public string? Weights { get; init; }

    /// <summary>The version of a black box, if it has one.</summary>
    public string? Version { get; init; }

    /// <summary>
    /// The SHA-256 of the bits of its logits for all images under numbered draws. A machine that gives the same bits must give the same counts. Null where the
    /// draws cannot be repeated.
    /// </summary>
    public string? Arithmetic { get; init; }

    /// <summary>How it is made again; empty where the record does not say.</summary>
    public IReadOnlyDictionary<string, string> Recipe { get; init; } = new Dictionary<string, string>();

    /// <summary>The files of the recipe, in the record's folder "model".</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    internal static IReadOnlyList<string> GraphOf(ModelView model) =>
    [
        .. model.Networks.Distinct<nn.Module>(ReferenceEqualityComparer.Instance).SelectMany((network, number) =>
            network.named_modules().Prepend(("", network)).Select(found => $"{(number > 0 ? $"{number + 1}/" : "")}{found.Item1}: {Describe(found.Item2)}"))
            .Distinct(),
    ];

    /// <summary>The SHA-256 of all parameters and buffers, as <c>WeightFiles.HashWeights</c> of the Zoo has it; null without any.</summary>
    internal static string? WeightsOf(ModelView model)
    {
        if (model.Networks.Count == 0) return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var network in model.Networks.Distinct<nn.Module>(ReferenceEqualityComparer.Instance))
            foreach (var (name, tensor) in network.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                using var scope = NewDisposeScope();
                hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype} ({string.Join(", ", tensor.shape)})\n"));
                if (tensor.numel() > 0) hash.AppendData(tensor.detach().cpu().contiguous().bytes);
            }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Where the weights lie: images must be there, too.</summary>
    internal static Device DeviceOf(ModelView model) =>
        model.Networks.SelectMany(network => network.parameters().Cast<Tensor>().Concat(network.buffers())).FirstOrDefault()?.device ?? CPU;

    /// <summary>The hash of the logits of all images, each block from its own stream; null where two runs differ.</summary>
    internal static string? ArithmeticOf(ModelView model, ulong seed, long count, Func<long, long, Tensor> images)
    {
        var hashes = Enumerable.Range(0, 2).Select(_ => Logits(model, seed, count, images)).Distinct().ToArray();
        return hashes.Length == 1 ? hashes[0] : null;
    }

    private static string Logits(ModelView model, ulong seed, long count, Func<long, long, Tensor> images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var first = 0L; first < count; first += Judge.BlockSize)
        {
            using var scope = NewDisposeScope();
            using var streams = model.LendStreams(Seeds.Combine(Seeds.Combine(seed, "arithmetic"), first));
            var x = model.Bounds.Clip(images(first, Math.Min(Judge.BlockSize, count - first)));
            hash.AppendData(model.ComputeLogits(x).cpu().contiguous().bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Describe(nn.Module module)
    {
        var settings = Settings(module).ToArray();
        return module.GetType().Name + (settings.Length > 0 ? $" ({string.Join(", ", settings)})" : "");
    }

    // The numbers, words and switches that a layer states; of torch's own layers their shapes of weights.
    private static IEnumerable<string> Settings(nn.Module module)
    {
        foreach (var (name, weight) in module.named_parameters(recurse: false)) yield return $"{name} {string.Join("×", weight.shape)}";
        foreach (var property in module.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).OrderBy(each => each.Name, StringComparer.Ordinal))
            if (IsSetting(property) && Value(property, module) is { } value) yield return $"{property.Name} {value}";
    }

    private static bool IsSetting(PropertyInfo property) => property.GetIndexParameters().Length == 0 && property.GetMethod is not null
        && property.DeclaringType!.Assembly != typeof(torch).Assembly && property.Name is not ("FixedDraw" or "IsActive" or "UseSurrogate")
        && (property.PropertyType.IsPrimitive || property.PropertyType.IsEnum || property.PropertyType == typeof(string));   // what may be null is a state

    // A property that cannot be read in this state is no setting.
    private static string? Value(PropertyInfo property, nn.Module module)
    {
        try { return Convert.ToString(property.GetValue(module), CultureInfo.InvariantCulture); }
        catch (TargetInvocationException) { return null; }
    }
}
