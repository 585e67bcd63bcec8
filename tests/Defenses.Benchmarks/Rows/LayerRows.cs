using Defenses.Attacks;
using Defenses.Benchmarks.Measuring;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Switching;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>Layers, and other things compared with themselves. A new one is a line of <see cref="All"/>.</summary>
internal sealed class LayerRows
{
    private const long Batch = 256;
    private readonly Subject _subject;
    private readonly Tensor _images;
    private readonly Work _plain;

    private LayerRows(Subject subject)
    {
        _subject = subject;
        (_images, var labels) = subject.Take(Batch);
        labels.Dispose();
        _plain = Forward(subject.Network);
    }

    public static IEnumerable<Row> All(Subject subject)
    {
        var rows = new LayerRows(subject);
        return
        [
            new Row("nothing (control: 1)", rows._plain, rows._plain),
            rows.Layer("JumpReLU for every ReLU", (net, probe) => net.ReplaceReLU(_ => new JumpReLU(0.1), probe), bar: 1.02),
            rows.Layer("winners (kWTA, 0.2) for every ReLU", (net, probe) => net.ReplaceReLU(_ => new KWinnersTakeAll(0.2), probe)),
            rows.Layer("rounded activations (3 bits) for every ReLU", (net, probe) => net.ReplaceReLU(_ => new QuantizedReLU(3, 4), probe)),
            rows.Layer("Gaussian noise before every convolution", (net, probe) => net.InsertBefore<Conv2d>(GaussianNoise.InitThenInner(), probe), bar: 1.15),
            rows.Layer("defensive dropout between the dense layers", (net, probe) =>
                net.InsertAfter<ReLU>(At("relu5", () => new DefensiveDropout(0.3)), probe), bar: 1.15),
            rows.Layer("random spiking after the first ReLU", (net, probe) => net.InsertAfter<ReLU>(At("relu1", () => new RandomSpiking()), probe), bar: 1.15),
            rows.Layer("pruning (SAP) between the dense layers", (net, probe) =>
                net.InsertAfter<ReLU>(At("relu5", () => new StochasticActivationPruning()), probe), bar: 1.35),
            rows.Layer("MVM sampling after the second ReLU", (net, probe) => net.InsertAfter<ReLU>(At("relu2", () => new MvmSampling()), probe), bar: 1.35),
            rows.Switching("random switching (HRS 10×10), a path per batch", SwitchPer.Batch, bar: 1.03),
            rows.Switching("random switching (HRS 10×10), a path per example", SwitchPer.Sample, bar: 1.6),
            rows.Eot("EOT-10 PGD-10, noise, 20 images ÷ ten plain", bar: 0.7),
            Mvm("exact MVM probabilities 256×1024 ÷ 100 projected steps", bar: 0.05),
        ];
    }

    private static Func<string, nn.Module<Tensor, Tensor>?> At(string place, Func<nn.Module<Tensor, Tensor>> make) => path => path == place ? make() : null;

    // A network of its own, with the layers put in.
    private Row Layer(string name, Func<nn.Module<Tensor, Tensor>, Tensor, RetrofitReport> putIn, double? bar = null)
    {
        var network = Subject.NewNetwork();
        putIn(network, _images);
        return new Row(name, Forward(network), _plain, bar);
    }

    // The time does not depend on the weights.
    private Row Switching(string name, SwitchPer per, double bar)
    {
        const int Channels = 10;
        var blocks = HrsBlocks.Mnist(dropout: 0).Select(make => new SwitchingBlock([.. Enumerable.Range(0, Channels).Select(i => make((ulong)i))], per));
        var network = new SwitchingNetwork([.. blocks]);
        network.eval();
        return new Row(name, Forward(network), _plain, bar);
    }

    // The same attack through the mean of ten draws and, ten times, through one.
    private Row Eot(string name, double bar)
    {
        const long Count = 20;
        var network = Subject.NewNetwork();
        network.InsertBefore<Conv2d>(GaussianNoise.InitThenInner(0.1, 0.1), _images);
        var model = new Classifier(network, Bounds.Unit);
        var attack = new Pgd(0.3) { Steps = 10, Restarts = 1, Seed = 1 };
        var (images, labels) = _subject.Take(Count);
        return new Row(name, Run(new Eot(model, 10), 10), Run(model, 1), bar);

        Work Run(ModelView view, int plain) => new(() => attack.Run(view, images, labels).Dispose(), Count * plain);
    }

    private static Row Mvm(string name, double bar)
    {
        const int Rows = 1024;
        using var random = new RandomSource(1);
        var alpha = random.Uniform(empty(256, Rows)).square();
        var exact = new Work(() => MvmProbabilities.Solve(alpha, Rows).Dispose(), 1);
        var projected = new Work(() => MvmProbabilities.ProjectedGradient(alpha, Rows, tolerance: 0, iterations: 100).Dispose(), 1);
        return new Row(name, exact, projected, bar);
    }

    private Work Forward(nn.Module<Tensor, Tensor> network) => new(() =>
    {
        using var noGrad = no_grad();
        network.call(_images).Dispose();
    }, Batch);
}
