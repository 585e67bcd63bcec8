using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torchvision;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

/// <summary>A network of TorchVision with random weights, and the side of the images that it is given.</summary>
internal sealed record VisionModel(Func<Module> Build, int Side)
{
    internal static readonly IReadOnlyDictionary<string, VisionModel> All = new Dictionary<string, VisionModel>
    {
        ["resnet18"] = new(() => models.resnet18(num_classes: 10), 32),
        ["resnet50"] = new(() => models.resnet50(num_classes: 10), 32),
        ["vgg11_bn"] = new(() => models.vgg11_bn(num_classes: 10), 32),
        ["alexnet"] = new(() => models.alexnet(num_classes: 10), 64),
        ["mobilenet_v2"] = new(() => models.mobilenet_v2(num_classes: 10), 32),
        ["mobilenet_v3_small"] = new(() => models.mobilenet_v3_small(), 32),
        ["googlenet"] = new(() => models.googlenet(num_classes: 10), 32),
        ["inception_v3"] = new(() => models.inception_v3(num_classes: 10), 75),
    };

    internal static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Every layer of the library at the places that it is for.</summary>
    internal static readonly IReadOnlyDictionary<string, Func<Module, Tensor, RetrofitReport>> Orders =
        new Dictionary<string, Func<Module, Tensor, RetrofitReport>>
    {
        ["JumpReLU"] = (model, probe) => Act(model, new Instead(_ => new JumpReLU(0.05), probe)),
        ["RandomizedJumpReLU"] = (model, probe) => Act(model, new Instead(_ => new RandomizedJumpReLU(0.05), probe)),
        ["JumpReLU and BoundedReLU"] = (model, probe) => Act(model, new Instead(_ => nn.Sequential(new JumpReLU(0.05), new BoundedReLU(6)), probe)),
        ["StochasticActivationPruning"] = (model, probe) => Act(model, new After(_ => new StochasticActivationPruning(), probe)),
        ["RandomSpiking"] = (model, probe) => Act(model, new After(_ => new RandomSpiking(), probe)),
        ["MvmSampling"] = (model, probe) => Act(model, new After(_ => new MvmSampling(), probe)),
        ["GaussianNoise"] = (model, probe) => model.InsertBefore<Conv2d>(Mainly(_ => new GaussianNoise(0.05)), probe),
        ["DefensiveDropout"] = (model, probe) => model.InsertBefore<Linear>(Mainly(_ => new DefensiveDropout(0.3)), probe),
        ["transforms of the input"] = (model, probe) =>
            model.InsertBefore<Conv2d>(First(() => nn.Sequential(new BitDepthReduction(3), new JpegCompression(), new MedianSmoothing())), probe),
    };

    /// <summary>In evaluation mode.</summary>
    internal Module New()
    {
        var network = Build();
        network.eval();
        return network;
    }

    // The head that Inception uses in training only is left out.
    private static Func<string, Module?> Mainly(Func<string, Module> make) => path =>
        path.StartsWith("AuxLogits", StringComparison.Ordinal) ? null : make(path);

    private static Func<string, Module?> First(Func<Module> make)
    {
        var made = false;
        return _ => made ? null : Make();

        Module Make()
        {
            made = true;
            return make();
        }
    }

    // The activation that the network has most of.
    private static RetrofitReport Act(Module model, Change change)
    {
        var counts = new[] { typeof(ReLU), typeof(ReLU6), typeof(Hardswish) }.ToDictionary(type => type, type =>
            model.modules().Count(module => module.GetType() == type));
        var most = counts.MaxBy(count => count.Value).Key;
        return most == typeof(ReLU) ? change.Of<ReLU>(model) : most == typeof(ReLU6) ? change.Of<ReLU6>(model) : change.Of<Hardswish>(model);
    }

    private abstract record Change
    {
        internal abstract RetrofitReport Of<T>(Module model) where T : Module;
    }

    private sealed record Instead(Func<string, Module> Make, Tensor Probe) : Change
    {
        internal override RetrofitReport Of<T>(Module model) => model.Replace<T>(Mainly(Make), Probe);
    }

    private sealed record After(Func<string, Module> Make, Tensor Probe) : Change
    {
        internal override RetrofitReport Of<T>(Module model) => model.InsertAfter<T>(Mainly(Make), Probe);
    }
}
