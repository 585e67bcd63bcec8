using Defenses.Detection;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The rows of Table 3: the trained network with a sampling layer behind each activation in front of the flattening, and detectors of other
/// papers.</summary>
internal sealed class MvmDetectors : IDisposable
{
    internal const string Half = "MVM, c = N/2", Whole = "MVM, c = N", Double = "MVM, c = 2N";
    private readonly List<IDisposable> _made = [];
    private readonly nn.Module<Tensor, Tensor> _trained;
    private readonly MvmSizes _size;
    private readonly MvmTask _task;
    private readonly MvmRivals _rivals;

    internal MvmDetectors(ProtocolContext context, nn.Module<Tensor, Tensor> trained, MvmSizes size, MvmTask task)
    {
        (_trained, _size, _task) = (trained, size, task);
        var sampled = new[] { (Name: Half, Draws: task.Pixels / 2), (Name: Whole, Draws: task.Pixels), (Name: Double, Draws: 2 * task.Pixels) }
            .OrderBy(row => row.Name != task.Guard).Select(row => (row.Name, Network: Sampling(() => MvmSampling.WithDraws(row.Draws)))).ToArray();
        _made.Add(_rivals = new MvmRivals(context, new Classifier(trained, Bounds.Unit), Sampling(), size, task));
        Guarded = new Classifier(sampled[0].Network, Bounds.Unit);
        Rows =
        [
            .. sampled.Select(row => Row(row.Name, row.Network)),
            .. size.Pruned.Select(share => Row(Pruning(share), Sampling(() => new StochasticActivationPruning(share)))),
            .. size.Dropped.Select(rate => Row(Dropping(rate), Sampling(() => new DefensiveDropout(rate)))),
            .. _rivals.Rows,
        ];
    }

    /// <summary>The detector that is measured most closely first.</summary>
    internal IReadOnlyList<MvmRow> Rows { get; }

    /// <summary>The network behind that detector.</summary>
    internal Classifier Guarded { get; }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    internal static string Pruning(double share) => $"SAP, {100 * share:0} %";

    internal static string Dropping(double rate) => FormattableString.Invariant($"dropout {rate}");

    private MvmRow Row(string name, nn.Module<Tensor, Tensor> network) => new(
        name, (images, seed, stop) => [.. new SamplingDetector(new Classifier(network, Bounds.Unit), draws: _size.Draws) { Seed = seed }.Measure(images, stop)
            .Select(score => new[] { score })],
        IsFitted: false, _task.Areas.TryGetValue(name, out var areas) ? MvmAttacks.Names.Zip(areas).ToDictionary(pair => pair.First, pair => pair.Second) : []);

    // A copy of the network with layers of its own; without: with dropout where it was trained with dropout.
    private nn.Module<Tensor, Tensor> Sampling(Func<StochasticLayer>? layer = null)
    {
        var network = _task.Network(0);
        _made.Add(network);
        network.load_state_dict(_trained.state_dict());
        network.eval();
        if (layer is null)
        {
            foreach (var (_, own) in network.StochasticLayers()) own.ActiveIn = Phases.Always;
            return network;
        }
        using var probe = zeros([1, .. _task.Pixels == 784 ? [1L, 28, 28] : new[] { 3L, 32, 32 }]);
        _made.Add(network.InsertAfter<ReLU>(path => _task.Sampled.Contains(path) ? layer() : null, probe));
        return network;
    }
}
