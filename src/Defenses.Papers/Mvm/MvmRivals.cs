using Defenses.Detection;
using Defenses.Models;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Detectors of other papers on the same network. Each is set up when it is first asked.</summary>
/// <remarks>Feinman et al. 2017: density and uncertainty under dropout. Ma et al. 2018: local intrinsic dimensionality. Meng and Chen 2017: MagNet.</remarks>
internal sealed class MvmRivals : IDisposable
{
    internal const string Feinman = "density and uncertainty (Feinman)", Dimensionality = "local dimensionality (LID)", MagNet = "MagNet, all detectors",
    Rebuilt = "MagNet, reconstruction",
        Diverging = "MagNet, divergence at T = 10";

    private const int UncertaintyDraws = 50;
    private const double FalseAlarms = 0.005;
    private readonly ProtocolContext _context;
    private readonly Classifier _model, _dropping;
    private readonly MvmSizes _size;
    private readonly MvmTask _task;
    private readonly List<IDisposable> _made = [];
    private readonly Lazy<KernelDensity> _density;
    private readonly Lazy<LocalIntrinsicDimensionality> _dimensionality;
    private readonly Lazy<(Detector Rebuilt, Detector Diverging, DetectorPanel All)> _magNet;

    /// <param name="dropping">The network with its own dropout switched on.</param>
    internal MvmRivals(ProtocolContext context, Classifier model, nn.Module<Tensor, Tensor> dropping, MvmSizes size, MvmTask task)
    {
        (_context, _model, _dropping, _size, _task) = (context, model, new Classifier(dropping, Bounds.Unit), size, task);
        (_density, _dimensionality, _magNet) = (new(Density), new(Neighbours), new(Reformers));
        Rows =
        [
            Row(Feinman, (images, seed, stop) => Beside(Uncertainty(seed).Measure(images, stop), _density.Value.Measure(images, stop)), isFitted: true),
            Row(Dimensionality, (images, _, _) => Estimates(images), isFitted: true),
            Row(MagNet, (images, _, stop) => Beside(_magNet.Value.All.Measure(images, stop))),
            Row(Rebuilt, (images, _, stop) => Beside(_magNet.Value.Rebuilt.Measure(images, stop))),
            Row(Diverging, (images, _, stop) => Beside(_magNet.Value.Diverging.Measure(images, stop))),
        ];
    }

    internal IReadOnlyList<MvmRow> Rows { get; }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    private static MvmRow Row(string name, Func<Tensor, ulong, CancellationToken, double[][]> measure, bool isFitted = false) =>
        new(name, measure, isFitted, new Dictionary<string, double>());

    private static double[][] Beside(params IReadOnlyList<double>[] numbers) => [.. numbers[0].Select((_, i) => numbers.Select(each => each[i]).ToArray())];

    private SamplingDetector Uncertainty(ulong seed) => new(_dropping, SamplingStatistic.ClassVariance, UncertaintyDraws) { Seed = seed };

    private double[][] Estimates(Tensor images)
    {
        using var noGrad = no_grad();
        using var found = _dimensionality.Value.Estimates(images);
        using var flat = found.to_type(ScalarType.Float64).contiguous();
        return [.. flat.data<double>().ToArray().Chunk((int)found.shape[1])];
    }

    private KernelDensity Density()
    {
        var training = _context.Data.Train;
        var count = Math.Min(_size.Density, training.Count);
        using var images = training.Images(0, count);
        using var labels = training.Labels.narrow(0, 0, count).clone();
        return Keep(new KernelDensity(_model, _task.Hidden, images, labels, _task.Bandwidth));
    }

    private LocalIntrinsicDimensionality Neighbours()
    {
        using var images = Validation(100);
        return Keep(new LocalIntrinsicDimensionality(_model, _task.Activations, images));
    }

    // Deep with squares and shallow with absolute values on grey images; the shallow one alone on colours, as the paper has it.
    private (Detector Rebuilt, Detector Diverging, DetectorPanel All) Reformers()
    {
        var channels = _context.Data.Train.ImageShape[0];
        var shallow = AutoEncoder("shallow", AutoEncoders.MagNetShallow(_context.SeedOf("shallow"), channels));
        var deep = channels == 1 ? AutoEncoder("deep", AutoEncoders.MagNetDeep(_context.SeedOf("deep"), channels)) : null;
        var reformer = Keep(new Reformer(deep ?? shallow, Bounds.Unit));
        var rebuilt = deep is null ? new ReconstructionDetector(shallow, Bounds.Unit, power: 1) : new ReconstructionDetector(deep, Bounds.Unit, power: 2);
        var diverging = new DivergenceDetector(_model, reformer, temperature: 10);
        Detector[] all = [rebuilt, .. deep is null ? [] : new[] { new ReconstructionDetector(shallow, Bounds.Unit, power: 1) }, diverging,
            new DivergenceDetector(_model, reformer, temperature: 40)];
        using var clean = Validation(_size.Validation);
        return (rebuilt, diverging, DetectorPanel.Calibrate(all, clean, FalseAlarms));
    }

    private nn.Module<Tensor, Tensor> AutoEncoder(string name, nn.Module<Tensor, Tensor> network)
    {
        _made.Add(network);
        using var images = _context.Data.Train.Take(Math.Min(_size.AutoEncoders.Images, _context.Data.Train.Count - _size.Validation));
        var options = new TrainingOptions { Epochs = _size.AutoEncoders.Epochs, BatchSize = 32,
            Update = new AdamUpdate { Rate = LearningRate.Constant(0.02) }, Seed = _context.SeedOf($"order {name}") };
        return _context.Train($"MagNet's {name} auto-encoder", network, images, options, new ReconstructionObjective(Bounds.Unit, _task.Noise));
    }

    // The last training images, which no auto-encoder was trained on.
    private Tensor Validation(int count) => _context.Data.Train.Images(_context.Data.Train.Count - count, count);

    private T Keep<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
