using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Loads and saves a network's weights as safetensors, in PyTorch's layout: files written by PyTorch can be loaded here, and vice versa.</summary>
public static class WeightFiles
{
    /// <summary>Copies a file's tensors into the parameters and buffers of the same names.</summary>
    /// <remarks>All names, shapes and types are compared first. If anything is missing, unexpected or of another shape, the
    /// exception lists all of it and nothing is changed. Floating-point types are converted to the network's.</remarks>
    /// <param name="network">The network; its weights may be on any device.</param>
    /// <param name="path">The safetensors file.</param>
    /// <param name="mapping">From a name in the file to the network's name for it, or to null to ignore a tensor; by default the same name.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or does not fit the network.</exception>
    public static void LoadWeights(this nn.Module network, string path, Func<string, string?>? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var file = Safetensors.Read(path);
        var targets = network.state_dict();
        var plan = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var unexpected = new List<string>();
        foreach (var (key, source) in file)
        {
            if ((mapping is null ? key : mapping(key)) is not { } name) continue;
            if (!targets.ContainsKey(name)) unexpected.Add(name == key ? key : $"{key} → {name}");
            else if (!plan.TryAdd(name, source)) unexpected.Add($"{key} → {name}, which another tensor of the file has already");
        }

        RequireFit(path, targets, plan, unexpected);
        using var frozen = no_grad();
        foreach (var (name, source) in plan) targets[name].copy_(source);
    }

    /// <summary>Writes all parameters and persistent buffers atomically: the file is always complete.</summary>
    /// <param name="network">The network; its weights may be on any device.</param>
    /// <param name="path">The file; overwritten if it exists.</param>
    /// <param name="mapping">From the network's name for a tensor to the name in the file; by default the same.</param>
    /// <exception cref="ArgumentException"><paramref name="mapping"/> gives two tensors one name.</exception>
    /// <exception cref="IOException">The folder is missing, full or not writable; no partial file remains, and an old file is unchanged.</exception>
    public static void SaveWeights(this nn.Module network, string path, Func<string, string>? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in network.state_dict())
        {
            var key = mapping is null ? name : mapping(name);
            if (!tensors.TryAdd(key, tensor))
                throw new ArgumentException($"mapping must give each tensor a different name, but gives '{key}' to two; one is '{name}'.", nameof(mapping));
        }

        Safetensors.Write(path, tensors, new Dictionary<string, string> { ["format"] = "pt" });
    }

    private static void RequireFit(string path, Dictionary<string, Tensor> targets, Dictionary<string, Tensor> plan, List<string> unexpected)
    {
        var problems = new StringBuilder();
        List(problems, "Missing in the file", targets.Keys.Where(name => !plan.ContainsKey(name)));
        List(problems, "Unexpected in the file", unexpected);
        List(problems, "Wrong shapes", plan.Where(p => !p.Value.shape.SequenceEqual(targets[p.Key].shape))
            .Select(p => $"{p.Key}: ({string.Join(", ", p.Value.shape)}) in the file, ({string.Join(", ", targets[p.Key].shape)}) in the network"));
        List(problems, "Wrong types", plan.Where(p => !Fits(p.Value.dtype, targets[p.Key].dtype))
            .Select(p => $"{p.Key}: {p.Value.dtype} in the file, {targets[p.Key].dtype} in the network"));
        if (problems.Length == 0) return;
        throw BadFile.Error(path, $"does not fit the network, and nothing was changed. Give a mapping of names, or the file of this network.{problems}");
    }

    private static void List(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var list = lines.Order(StringComparer.Ordinal).ToArray();
        if (list.Length > 0) text.Append($"\n{title}:").AppendJoin("", list.Select(line => $"\n  {line}"));
    }

    private static bool Fits(ScalarType source, ScalarType target) => source == target || (IsFloating(source) && IsFloating(target));

    private static bool IsFloating(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;
}
