using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Decides which tensor of a file belongs to which weight of a network, and lists everything that does not fit.</summary>
internal sealed class WeightFit
{
    private const string Counter = "num_batches_tracked";

    private readonly Dictionary<string, Tensor> _targets;
    private readonly Dictionary<string, string> _aliases;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _unexpected = [], _torn = [];

    private WeightFit(nn.Module network)
    {
        _targets = network.state_dict();
        _aliases = WeightNames.Aliases(network, _targets);
    }

    /// <summary>Weight of the network → tensor of the file; empty until all of it fits.</summary>
    public Dictionary<string, Tensor> Plan { get; } = new(StringComparer.Ordinal);

    /// <summary>Compares a file with a network.</summary>
    /// <exception cref="InvalidDataException">Something is missing, unexpected, or of another shape or type.</exception>
    public static WeightFit Find(string path, NamedTensors file, nn.Module network, Func<string, string?>? mapping)
    {
        var fit = new WeightFit(network);
        var names = mapping ?? WeightNames.Guess(file.Keys, [.. fit._targets.Keys, .. fit._aliases.Keys]);
        foreach (var (key, source) in file.OrderBy(entry => entry.Key, StringComparer.Ordinal)) fit.Assign(key, names(key), source);
        fit.AddShared(file);
        fit.Demand(path);
        return fit;
    }

    private void Assign(string key, string? name, Tensor source)
    {
        if (name is null) return;
        if ((_targets.ContainsKey(name) ? name : _aliases.GetValueOrDefault(name)) is not { } weight)
        {
            _unexpected.Add(name == key ? key : $"{key} → {name}");
        }
        else if (Plan.TryAdd(weight, source))
        {
            _names[weight] = name;
        }
        else if (_names[weight] == name)
        {
            _unexpected.Add($"{key} → {name}, which another tensor of the file has already");
        }
        else if (!AreEqual(Plan[weight], source))
        {
            _torn.Add($"{_names[weight]} and {name}");
        }
    }

    // A tensor that several weights share stands once in a safetensors file; the notes say under which name.
    private void AddShared(NamedTensors file)
    {
        foreach (var name in _targets.Keys.Where(name => !Plan.ContainsKey(name)))
        {
            if (file.Metadata.TryGetValue(name, out var kept) && file.TryGetValue(kept, out var source)) Plan[name] = source;
        }
    }

    private void Demand(string path)
    {
        var missing = _targets.Keys.Where(name => !Plan.ContainsKey(name) && !IsCounter(name)).ToArray();
        var shapes = Plan.Where(p => !FitsShape(p.Key, p.Value))
            .Select(p => $"{p.Key} ({string.Join(", ", p.Value.shape)}) for ({string.Join(", ", _targets[p.Key].shape)})").ToArray();
        var types = Plan.Where(p => !FitsType(p.Value.dtype, _targets[p.Key].dtype))
            .Select(p => $"{p.Key} {p.Value.dtype} for {_targets[p.Key].dtype}").ToArray();
        if (missing.Length + _unexpected.Count + shapes.Length + types.Length + _torn.Count == 0) return;
        throw BadFile.Error(path, $"does not fit the network, and nothing was changed: "
            + string.Join("; ", new[] { List("missing", missing), List("unexpected", _unexpected), List("wrong shape", shapes), List("wrong type", types),
                List("one weight of the network, but different in the file", _torn) }.OfType<string>())
            + $". {Cure(missing.Length, shapes.Length, types.Length)}");
    }

    private string Cure(int missing, int shapes, int types) => (missing, _unexpected.Count, shapes, types) switch
    {
        _ when Plan.Count == 0 => "Is it the file of another network? Names that differ: give LoadWeights a mapping from the file's to the network's.",
        ( > 0, > 0, _, _) => "Names that differ: give LoadWeights a mapping from the file's to the network's.",
        (0, > 0, _, _) => "Give LoadWeights a mapping that is null for tensors to leave out.",
        (_, _, > 0, _) => "Make the network as the file's was: with its classes, channels and sizes.",
        (_, _, _, > 0) => "Save the tensors in the network's types.",
        ( > 0, _, _, _) => "Save the whole state_dict of this network.",
        _ => "Untie the weights in the network, or save them tied.",
    };

    private static bool AreEqual(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        return one.dtype == other.dtype && one.shape.SequenceEqual(other.shape) && one.eq(other).all().ToBoolean();
    }

    private bool FitsShape(string name, Tensor source) =>
        source.shape.SequenceEqual(_targets[name].shape) || (IsCounter(name) && source.numel() == 1 && _targets[name].numel() == 1);

    private static string? List(string title, IReadOnlyCollection<string> items)
    {
        const int Most = 8;
        var list = string.Join(", ", items.Order(StringComparer.Ordinal).Take(Most));
        return items.Count == 0 ? null : $"{title} {list}{(items.Count > Most ? $" and {items.Count - Most} more" : "")}";
    }

    private static bool IsCounter(string name) => name == Counter || name.EndsWith("." + Counter, StringComparison.Ordinal);

    private static bool FitsType(ScalarType source, ScalarType target) => source == target || (IsFloating(source) && IsFloating(target));

    private static bool IsFloating(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;
}
