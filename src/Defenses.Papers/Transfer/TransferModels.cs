using Defenses.Inference;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The networks of the transfer protocol: of each kind those of the attacker, and one that is attacked.</summary>
internal sealed class TransferModels(ProtocolContext context, TransferSizes sizes) : IDisposable
{
    internal const string Standard = "standard", Spiking = "random spiking";

    private const int Width = 24;   // filters of the network for colour images: a smaller one than the papers'
    private readonly List<IDisposable> _owned = [];
    private readonly Dictionary<string, Classifier[]> _models = [];

    /// <summary>The kinds.</summary>
    internal static IReadOnlyList<string> Kinds { get; } = [Standard, Spiking];

    /// <summary>The attacker's networks of a kind, and last the attacked one.</summary>
    internal IReadOnlyList<Classifier> Of(string kind) =>
        _models.TryGetValue(kind, out var found) ? found : _models[kind] = [.. Enumerable.Range(0, sizes.Surrogates + 1).Select(number => Make(kind, number))];

    /// <summary>What a method attacks.</summary>
    internal ModelView Source(TransferMethod method) =>
        method.Several ? new Surrogates([.. Of(method.Kind).Take(sizes.Surrogates)]) : Of(method.Kind)[0];

    /// <summary>The attacked network of a kind, as it is deployed: a random one by the mean of ten draws.</summary>
    internal Classifier Target(string kind)
    {
        var model = Of(kind)[^1];
        if (!model.IsRandom) return model;
        var network = new AveragingNetwork(model.Network, SchemeModel.DecisionDraws);
        network.eval();
        return new Classifier(network, Bounds.Unit) { ChannelsLast = true };
    }

    public void Dispose()
    {
        foreach (var part in _owned) part.Dispose();
    }

    private Classifier Make(string kind, int number)
    {
        var name = $"{kind} {number}";
        var seed = context.SeedOf($"weights {name}");
        var network = context.Data.IsColor ? HrsBlocks.Cifar10(1, 0, Width)[0](seed) : Networks.HrsMnist(seed);
        using var probe = context.Data.Test.Images(0, 2);
        if (kind == Spiking)
            _owned.Add(network.InsertAfter<ReLU>(path => path == "relu1" ? new RandomSpiking(SchemeTraining.KeepProbability) : null, probe));
        _owned.Add(network);
        using var images = context.Data.Train.Shuffled(Math.Min(sizes.Training.Images, context.Data.Train.Count), context.SeedOf($"images {name}"));
        context.Train(name, network, images, new TrainingOptions
        {
            Epochs = sizes.Training.Epochs, BatchSize = sizes.Training.Batch, Seed = context.SeedOf($"order {name}"),
            Update = new SgdUpdate { Rate = LearningRate.Constant(sizes.Training.Rate) },
        });
        return new Classifier(network, Bounds.Unit) { ChannelsLast = true };
    }
}
