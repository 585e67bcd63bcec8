using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>One network at several moments of its training, as surrogates: examples that fool all of them fit no single set of weights.</summary>
/// <remarks>
/// Train the network further with a constant, rather large rate, and take its weights several times an epoch: the loss should rise a little, and the accuracy
/// stay above some 70 % of what it was. Owns the copies. Source: Gubri et al. 2022 (large geometric vicinity, LGV): rate 0.05, 40 copies of 10 epochs.
/// </remarks>
public sealed class WeightSnapshots : IDisposable
{
    private readonly Func<nn.Module<Tensor, Tensor>> _make;
    private readonly List<nn.Module<Tensor, Tensor>> _networks = [];

    /// <summary>No copies yet.</summary>
    /// <param name="make">Makes a network of the same architecture, a new one for each call; its weights are overwritten.</param>
    public WeightSnapshots(Func<nn.Module<Tensor, Tensor>> make) => _make = Require.NotNull(make, nameof(make));

    /// <summary>The copies in the order in which they were taken, in evaluation mode.</summary>
    public IReadOnlyList<nn.Module<Tensor, Tensor>> Networks => _networks;

    /// <summary>Copies the present weights and buffers of a network.</summary>
    /// <param name="network">The network; it stays as it is.</param>
    /// <exception cref="ArgumentException">The network has other weights than the networks that are made.</exception>
    public void Take(nn.Module<Tensor, Tensor> network) => Take(Require.NotNull(network, nameof(network)).state_dict(), nameof(network));

    /// <summary>Copies saved weights and buffers.</summary>
    /// <param name="weights">From keys to tensors, as <c>state_dict</c> gives them. Not owned.</param>
    /// <exception cref="ArgumentException">The weights are not those of the networks that are made.</exception>
    public void Take(IReadOnlyDictionary<string, Tensor> weights) => Take(Require.NotNull(weights, nameof(weights)), nameof(weights));

    /// <summary>All copies as one view.</summary>
    /// <param name="bounds">The valid range of the input before preprocessing.</param>
    /// <param name="preprocessing">A differentiable function before the networks; none by default.</param>
    /// <exception cref="InvalidOperationException">Nothing was taken yet.</exception>
    public Surrogates View(Bounds bounds, Func<Tensor, Tensor>? preprocessing = null) => _networks.Count > 0
        ? new Surrogates([.. _networks.Select(network => new Classifier(network, bounds, preprocessing))])
        : throw new InvalidOperationException("There are no weights yet. Call Take with a trained network first.");

    /// <summary>Disposes the copies.</summary>
    public void Dispose()
    {
        foreach (var network in _networks) network.Dispose();
        _networks.Clear();
    }

    private void Take(IReadOnlyDictionary<string, Tensor> weights, string name)
    {
        var copy = _make() ?? throw new InvalidOperationException("The function that makes a network returned null.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var own = copy.state_dict();
        if (own.Keys.Concat(weights.Keys).FirstOrDefault(key => !own.ContainsKey(key) || !weights.ContainsKey(key)) is { } key)
            throw Refused(copy, name, $"'{key}' is in only one of the two");
        if (own.FirstOrDefault(entry => !entry.Value.shape.SequenceEqual(weights[entry.Key].shape)).Key is { } other)
            throw Refused(copy, name, $"'{other}' has shape {Require.Shape(own[other])} in one and {Require.Shape(weights[other])} in the other");
        foreach (var (entry, tensor) in own) tensor.copy_(weights[entry]);
        copy.eval();
        _networks.Add(copy);
    }

    private static ArgumentException Refused(nn.Module copy, string name, string why)
    {
        copy.Dispose();
        return new ArgumentException($"{name} must have the weights of the networks that are made; {why}. Give both the same architecture.", name);
    }
}
