using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The networks of the optimality protocol: a standard one, one with adversarial training, and a random one.</summary>
internal sealed class OptimalityModels(ProtocolContext context, OptimalitySizes sizes) : IDisposable
{
    internal const string Standard = "standard", Hardened = "adversarial training", Noisy = "noise in each layer";

    private const int Width = 24;   // filters of the network for colour images: a smaller one than the papers'
    private readonly List<IDisposable> _owned = [];

    /// <summary>The models, trained or read.</summary>
    internal IReadOnlyList<OptimalityModel> All() =>
    [
        new(Standard, Trained(Standard, Fresh())),
        new(Hardened, Trained(Hardened, Fresh(), new AdversarialTraining(Adversary(), Bounds.Unit))),
        new(Noisy, Trained(Noisy, WithNoise(Fresh()))),
    ];

    public void Dispose()
    {
        foreach (var part in Enumerable.Reverse(_owned)) part.Dispose();
    }

    private nn.Module<Tensor, Tensor> Fresh()
    {
        var seed = context.SeedOf("weights");
        var network = context.Data.IsColor ? HrsBlocks.Cifar10(1, 0, Width)[0](seed) : Networks.HrsMnist(seed, dropout: 0);
        _owned.Add(network);
        return network;
    }

    // Steps that together go a quarter beyond the ball.
    private Pgd Adversary() => new(sizes.Hardening.Epsilon)
    {
        Steps = sizes.Hardening.Steps, StepSize = sizes.Hardening.Epsilon * 1.25 / sizes.Hardening.Steps, Restarts = 1,
    };

    private nn.Module<Tensor, Tensor> WithNoise(nn.Module<Tensor, Tensor> network)
    {
        using var probe = context.Data.Test.Images(0, 2);
        network.eval();
        _owned.Add(network.InsertBefore<Conv2d>(path => new GaussianNoise(path == "conv1" ? sizes.Noise : sizes.Noise / 2), probe));
        return network;
    }

    private Classifier Trained(string name, nn.Module<Tensor, Tensor> network, TrainingObjective? objective = null)
    {
        using var images = context.Data.Train.Take(Math.Min(sizes.Training.Images, context.Data.Train.Count));
        context.Train(name, network, images, new TrainingOptions
        {
            Epochs = sizes.Training.Epochs, BatchSize = sizes.Training.Batch, Seed = context.SeedOf($"order {name}"),
            Update = new SgdUpdate { Rate = LearningRate.Constant(sizes.Training.Rate) },
        }, objective);
        return new Classifier(network, Bounds.Unit) { ChannelsLast = true };
    }
}
