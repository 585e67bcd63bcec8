using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>A network that decides by several passes: by many draws of a random network, by several networks, or both.</summary>
/// <remarks>
/// <para>It gives logits as any network does, so it can be deployed, attacked and judged in a Classifier. One call is
/// one decision; a random network makes a new decision in every call. Under a fixed draw the decision is deterministic and has that number;
/// it still uses the same number of draws of the network.</para>
/// <para>The networks become children, "0", "1", …, and are disposed with this network.</para>
/// </remarks>
public abstract class DecidingNetwork : nn.Module<Tensor, Tensor>, IAggregatedDecision
{
    private readonly nn.Module<Tensor, Tensor>[] _networks;
    private readonly OutputReading _output = new();

    private protected DecidingNetwork(string name, IReadOnlyList<nn.Module<Tensor, Tensor>> networks, int draws) : base(name)
    {
        _networks = [.. Require.NotEmpty(networks, nameof(networks))];
        if (_networks.Any(network => network is null)) throw new ArgumentException("networks must not contain null.", nameof(networks));
        Draws = Require.AtLeast(draws, 1, nameof(draws));
        train(_networks[0].training);   // before there are children, so that their modes do not change
        for (var i = 0; i < _networks.Length; i++) register_module($"{i}", _networks[i]);
    }

    /// <summary>The draws of each network for one decision; a deterministic network runs once.</summary>
    public int Draws { get; }

    /// <summary>What the outputs of the networks mean: logits, (N, classes), by default. The decision has logits for each class in any case.</summary>
    public OutputHead Head { get; set; }

    /// <summary>The number of rows in one pass through a network, at least 1; by default 1024. It bounds the memory; a batch is not split.</summary>
    public int RowsPerPass { get; set => field = Require.AtLeast(value, 1, nameof(RowsPerPass)); } = 1024;

    /// <summary>Passes the logits of all draws to <paramref name="take"/> in parts, each (some draws, N, classes), with the
    /// weight of each draw in the part.</summary>
    private protected void ForEachDraw(Tensor x, Action<Tensor, int> take)
    {
        Require.NotNull(x, nameof(x));
        var draws = _networks.Any(DrawsAtRandom) ? Draws : 1;   // if no network draws, all have equal weight
        foreach (var network in _networks)
        {
            if (!DrawsAtRandom(network)) take(Logits(network, ForwardPass.Run(network, x), x.shape[0]).unsqueeze(0), draws);
            else ForEachDraw(network, x, take);
        }
    }

    private void ForEachDraw(nn.Module<Tensor, Tensor> network, Tensor x, Action<Tensor, int> take)
    {
        var layers = network.StochasticLayers().Select(found => found.Layer).Where(layer => layer.IsActive).ToArray();
        var fixedLayers = layers.Where(layer => layer.FixedDraw is not null).Select(layer => (Layer: layer, Draw: layer.FixedDraw!.Value)).ToArray();
        using var restore = new Undo(() =>
        {
            foreach (var (layer, draw) in fixedLayers) layer.FixedDraw = draw;
        });
        var most = DrawFolding.Possible(network) ? (int)Math.Max(1, RowsPerPass / x.shape[0]) : 1;
        for (var done = 0; done < Draws; done += most)
        {
            foreach (var (layer, draw) in fixedLayers) layer.FixedDraw = unchecked(draw * Draws + done);
            var count = Math.Min(most, Draws - done);
            var logits = Logits(network, DrawFolding.Run(network, x, count), count * x.shape[0]);
            take(logits.view(count, x.shape[0], -1), 1);
        }
    }

    private Tensor Logits(nn.Module network, Tensor output, long rows) => rows == 0 ? output : _output.Logits(network, output, rows, Head);

    private static bool DrawsAtRandom(nn.Module network) => network.StochasticLayers().Any(found => found.Layer.IsActive);
}
