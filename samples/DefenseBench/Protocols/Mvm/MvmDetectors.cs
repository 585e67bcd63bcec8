using Defenses.Detection;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Mvm;

/// <summary>The rows of Table 3: the trained network with a sampling layer behind each activation in front of the flattening.</summary>
internal sealed class MvmDetectors : IDisposable
{
    private const int Pixels = 784;
    private readonly List<IDisposable> _made = [];
    private readonly nn.Module<Tensor, Tensor> _trained;
    private readonly MvmSizes _size;

    internal MvmDetectors(nn.Module<Tensor, Tensor> trained, MvmSizes size)
    {
        (_trained, _size) = (trained, size);
        Rows =
        [
            Row(MvmPage.Half, Paper(0.947, 0.982, 0.983), () => MvmSampling.WithDraws(Pixels / 2)),
            Row("MVM, c = N", Paper(), () => MvmSampling.WithDraws(Pixels)),
            Row(MvmPage.Double, Paper(0.699, 0.972, 0.936), () => MvmSampling.WithDraws(Pixels * 2)),
            .. size.Pruned.Select(share => Row($"SAP, {100 * share:0} %", Paper(), () => new StochasticActivationPruning(share))),
            .. size.Dropped.Select(rate => Row(FormattableString.Invariant($"dropout {rate}"), Paper(), () => new DefensiveDropout(rate))),
        ];
    }

    internal IReadOnlyList<MvmRow> Rows { get; }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    private static Dictionary<string, double> Paper(params double[] areas) => MvmAttacks.Names.Zip(areas).ToDictionary(pair => pair.First, pair => pair.Second);

    private MvmRow Row(string name, Dictionary<string, double> paper, Func<StochasticLayer> layer)
    {
        var network = Networks.FeinmanMnist(0);
        _made.Add(network);
        network.load_state_dict(_trained.state_dict());
        network.eval();
        using var probe = zeros(1, 1, 28, 28);
        _made.Add(network.InsertAfter<ReLU>(path => path is "relu1" or "relu2" ? layer() : null, probe));
        return new MvmRow(name, seed => new SamplingDetector(new Classifier(network, Bounds.Unit), draws: _size.Draws) { Seed = seed }, paper);
    }
}
