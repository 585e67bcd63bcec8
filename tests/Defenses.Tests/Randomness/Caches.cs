using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Randomness;

/// <summary>Modules that make tensors in their first pass and keep them, as users write them; each doubles its input of two columns.</summary>
internal static class Caches
{
    internal static readonly IReadOnlyDictionary<string, Func<nn.Module<Tensor, Tensor>>> All = new Dictionary<string, Func<nn.Module<Tensor, Tensor>>>
    {
        ["one field"] = () => new Masked(),
        ["a field per batch size"] = () => new Resized(),
        ["a list, a dictionary, a tuple and a static field"] = () => new Collected(),
        ["a field of a base class"] = () => new Derived(),
        ["a random layer"] = () => new Random(),
    };

    /// <summary>(N, 2) → (N, 2): a linear layer, the cache, and a linear layer.</summary>
    internal static nn.Module<Tensor, Tensor> Network(string name)
    {
        var network = nn.Sequential(("in", nn.Linear(2, 2)), ("cache", All[name]()), ("relu", nn.ReLU()), ("out", nn.Linear(2, 2)));
        network.eval();
        return network;
    }
}

internal sealed class Masked() : nn.Module<Tensor, Tensor>(nameof(Masked))
{
    private Tensor? _mask;

    public override Tensor forward(Tensor x) => x * (_mask ??= ones(2) * 2);
}

internal sealed class Resized() : nn.Module<Tensor, Tensor>(nameof(Resized))
{
    private Tensor? _mask;

    public override Tensor forward(Tensor x)
    {
        if (_mask is null || _mask.shape[0] != x.shape[0]) _mask = ones(x.shape[0], 1) * 2;
        return x * _mask;
    }
}

internal sealed class Collected() : nn.Module<Tensor, Tensor>(nameof(Collected))
{
    private static Tensor? s_one;
    private readonly List<Tensor> _list = [];
    private readonly Dictionary<long, Tensor> _byRows = [];
    private (Tensor? Zero, int Number) _pair;

    public override Tensor forward(Tensor x)
    {
        s_one ??= ones(1);
        if (_list.Count == 0) _list.AddRange([ones(2), ones(2)]);
        if (!_byRows.TryGetValue(x.shape[0], out var rows)) rows = _byRows[x.shape[0]] = ones(x.shape[0], 1);
        _pair.Zero ??= zeros(1);
        return x * (_list[0] + _list[1]) * rows * s_one + _pair.Zero;
    }
}

internal abstract class Cached(string name) : nn.Module<Tensor, Tensor>(name)
{
    private Tensor? _two;

    protected Tensor Two => _two ??= ones(1) * 2;
}

internal sealed class Derived() : Cached(nameof(Derived))
{
    public override Tensor forward(Tensor x) => x * Two;
}

internal sealed class Random : StochasticLayer
{
    private readonly Masked _child = new();
    private Tensor? _zero;

    internal Random() : base(nameof(Random)) => RegisterComponents();

    protected override Tensor Sample(Tensor x, RandomSource random) => _child.call(x) + (_zero ??= zeros(1)) * random.Uniform(x);

    protected override Tensor Deterministic(Tensor x) => x * 2;
}

/// <summary>Keeps a tensor with a graph, made from a weight.</summary>
internal sealed class FromWeights : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Linear weights = nn.Linear(2, 2);
    private Tensor? _kept;

    internal FromWeights() : base(nameof(FromWeights)) => RegisterComponents();

    public override Tensor forward(Tensor x) => x * (_kept ??= weights.weight!.sum());
}

/// <summary>Remembers what it saw last, as a tap does; every pass replaces it.</summary>
internal sealed class Tap() : nn.Module<Tensor, Tensor>(nameof(Tap))
{
    internal Tensor? Seen { get; private set; }

    internal Tensor? Given { get; private set; }

    public override Tensor forward(Tensor x)
    {
        Given = x;
        Seen = x * 2;
        return Seen + 0;
    }
}
