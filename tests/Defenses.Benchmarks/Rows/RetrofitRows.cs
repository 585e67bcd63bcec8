using Defenses.Benchmarks.Measuring;
using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>A real network with layers that do nothing, over the same network without them. A new one is a line of <see cref="PutIn"/>.</summary>
internal sealed class RetrofitRows : IDisposable
{
    internal const string Plain = "plain";
    private const long Batch = 8, Side = 64;
    private const double Bar = 1.1;

    /// <summary>What is put in, by name; the layers compute, and change nothing.</summary>
    internal static readonly IReadOnlyDictionary<string, Action<nn.Module<Tensor, Tensor>, Tensor>> PutIn =
        new Dictionary<string, Action<nn.Module<Tensor, Tensor>, Tensor>>
    {
        [Plain] = (_, _) => { },
        // TorchVision's ReLUs work in place, and its forward keeps every tensor to its end: this is what that saves, and what
        // no layer can that leaves its input alone.
        ["ReLU, not in place, for every ReLU"] = (network, probe) => network.ReplaceReLU(_ => nn.ReLU(), probe),
        ["JumpReLU(0) for every ReLU"] = (network, probe) => network.ReplaceReLU(_ => new JumpReLU(0), probe),
        ["noise before every convolution, at rest"] = (network, probe) =>
        {
            network.InsertBefore<Conv2d>(_ => new GaussianNoise(0.1), probe);
            network.DisableRandomness();   // for good
        },
        ["pruning after every ReLU, at rest"] = (network, probe) =>
        {
            network.InsertAfter<ReLU>(_ => new StochasticActivationPruning(), probe);
            network.DisableRandomness();
        },
    };

    private readonly Tensor _images;
    private readonly nn.Module<Tensor, Tensor> _network;

    /// <summary>resnet50 with random weights and what is put in.</summary>
    internal RetrofitRows(string name)
    {
        using var random = new RandomSource(1);
        using var like = empty(Batch, 3, Side, Side);
        _images = random.Uniform(like);
        _network = torchvision.models.resnet50(num_classes: 10);
        _network.eval();
        PutIn[name](_network, _images);
    }

    /// <summary>The rows of the table: forward alone, and forward with the gradient of the input.</summary>
    internal static IReadOnlyList<Row> All(Subject _)
    {
        var plain = new RetrofitRows(Plain);
        Work forward = new(plain.Forward, Batch), gradient = new(plain.Gradient, Batch);
        var names = PutIn.Keys.Where(name => name != Plain).ToArray();
        var networks = names.ToDictionary(name => name, name => new RetrofitRows(name));
        return
        [
            new Row("nothing (control: 1)", forward, forward),
            .. names.Select(name => new Row($"{name}, forward", new Work(networks[name].Forward, Batch), forward, Bar)),
            .. names.Select(name => new Row($"{name}, forward and input gradient", new Work(networks[name].Gradient, Batch), gradient, Bar)),
        ];
    }

    /// <summary>One pass.</summary>
    internal void Forward()
    {
        using var noGrad = no_grad();
        _network.call(_images).Dispose();
    }

    /// <summary>One pass forward and backward, weights left out.</summary>
    internal void Gradient()
    {
        using var scope = NewDisposeScope();
        foreach (var weight in _network.parameters()) weight.requires_grad_(false);
        var leaf = _images.detach().requires_grad_(true);
        autograd.grad([_network.call(leaf).sum()], [leaf])[0].Dispose();
    }

    public void Dispose()
    {
        _network.Dispose();
        _images.Dispose();
    }
}
