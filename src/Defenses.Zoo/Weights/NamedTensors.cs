using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Named tensors with notes: the content of a file of weights. Owns the tensors, independent of dispose scopes.</summary>
public sealed class NamedTensors : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    internal NamedTensors(IReadOnlyDictionary<string, string> metadata) => Metadata = metadata;

    /// <summary>The file's notes: free text under names; empty if it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The SHA-256 that the file states and that was verified, in hexadecimal digits; null when it states none.</summary>
    public string? Checksum { get; internal init; }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <inheritdoc/>
    public int Count => _tensors.Count;

    /// <summary>The tensor of that name, still owned by this collection.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string key] => _tensors.TryGetValue(key, out var found)
        ? found
        : throw new KeyNotFoundException($"There is no tensor '{key}'; there are {string.Join(", ", Keys.Order(StringComparer.Ordinal))}.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values) tensor.Dispose();
    }

    internal Tensor Add(string key, Tensor tensor)
    {
        _tensors.Add(key, tensor.DetachFromDisposeScope());
        return tensor;
    }
}
