using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Defenses.Tests.Retrofit;

/// <summary>x·w with a saved weight.</summary>
internal sealed class Scale : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")] private readonly Parameter _weight;

    internal Scale(double weight) : base(nameof(Scale))
    {
        _weight = new Parameter(tensor(weight, dtype: ScalarType.Float32));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x * _weight;
}

/// <summary>x + by: a layer whose place in a chain shows in the result.</summary>
internal sealed class Shift(double by) : nn.Module<Tensor, Tensor>(nameof(Shift))
{
    public override Tensor forward(Tensor x) => x + by;
}

/// <summary>Gaussian noise, the simplest stochastic layer.</summary>
internal sealed class Noise(double std = 1) : StochasticLayer(nameof(Noise))
{
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return (x + random.Normal(x) * std).MoveToOuterDisposeScope();
    }

    protected override Tensor Deterministic(Tensor x) => x.alias();
}

/// <summary>One of its children runs, drawn freshly in every call.</summary>
internal sealed class RandomRoute : StochasticLayer
{
    private readonly ModuleList<nn.Module<Tensor, Tensor>> routes;

    internal RandomRoute(params nn.Module<Tensor, Tensor>[] children) : base(nameof(RandomRoute))
    {
        routes = nn.ModuleList(children);
        RegisterComponents();
    }

    public override bool DrawsPerSample => false;

    protected override Tensor Sample(Tensor x, RandomSource random) => routes[(int)random.Index(routes.Count)].call(x);

    protected override Tensor Deterministic(Tensor x) => routes[0].call(x);
}
