using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Sees through the names that wrappers give: DataParallel's <c>module.</c>, torch.compile's <c>_orig_mod.</c>, a leading <c>model.</c></summary>
internal static class WeightNames
{
    /// <summary>From a name in the file to the network's: the same where the network has it, else the only one that is equal without wrappers.</summary>
    public static Func<string, string?> Guess(IEnumerable<string> file, IEnumerable<string> network)
    {
        var names = network.ToHashSet(StringComparer.Ordinal);
        var taken = file.Where(names.Contains).ToHashSet(StringComparer.Ordinal);
        var plain = names.Where(name => !taken.Contains(name)).GroupBy(Plain, StringComparer.Ordinal).Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => group.Single(), StringComparer.Ordinal);
        return key => names.Contains(key) ? key : plain.GetValueOrDefault(Plain(key), key);
    }

    /// <summary>The further names of weights in modules that a network has at several places, each with the one name that the state_dict lists.</summary>
    public static Dictionary<string, string> Aliases(nn.Module network, IReadOnlyDictionary<string, Tensor> weights)
    {
        var names = new Dictionary<Tensor, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, tensor) in weights) names[tensor] = name;
        var aliases = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("", network);
        return aliases;

        void Add(string prefix, nn.Module module)
        {
            foreach (var (name, tensor) in module.named_parameters(false).Select(p => (p.name, (Tensor)p.parameter)).Concat(module.named_buffers(false)))
            {
                if (!weights.ContainsKey(prefix + name) && names.TryGetValue(tensor, out var first)) aliases[prefix + name] = first;
            }

            foreach (var (name, child) in module.named_children()) Add($"{prefix}{name}.", child);
        }
    }

    private static string Plain(string name)
    {
        var parts = name.Split('.').Where(part => part is not ("module" or "_orig_mod")).ToArray();
        return string.Join('.', parts.SkipWhile(part => part == "model"));
    }
}
