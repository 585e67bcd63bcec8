using Defenses.Inference;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Spiking;

/// <summary>One trained model of a scheme: as it answers once, and as it is deployed.</summary>
internal sealed class SchemeModel : IDisposable
{
    /// <summary>Draws behind a deployed decision, by the mean of their probabilities.</summary>
    internal const int DecisionDraws = 10;

    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly IDisposable? _spikes;

    private SchemeModel(Scheme scheme, nn.Module<Tensor, Tensor> network, IDisposable? spikes)
    {
        (Scheme, _network, _spikes) = (scheme, network, spikes);
        Once = new Classifier(network, Bounds.Unit) { ChannelsLast = true };
        Deployed = network.IsRandom() ? new Classifier(new AveragingNetwork(network, DecisionDraws), Bounds.Unit) { ChannelsLast = true } : Once;
    }

    internal Scheme Scheme { get; }

    /// <summary>One draw, one answer.</summary>
    internal Classifier Once { get; }

    /// <summary>What decides: the mean of ten draws of a random network, one answer of another.</summary>
    internal Classifier Deployed { get; }

    /// <summary>Trains a scheme's model of the given number, or reads it back.</summary>
    internal static SchemeModel Make(ProtocolContext context, SpikingSizes sizes, Scheme scheme, int number)
    {
        var name = $"{scheme.Name} {number}";
        var network = Networks.RandomSpikingMnist(context.SeedOf($"weights {name}"), scheme.Dropout);
        using var probe = context.Data.Test.Images(0, 2);
        var spikes = scheme.Spikes ? network.InsertAfter<ReLU>(path => path == "relu1" ? new RandomSpiking() : null, probe) : null;
        using var data = context.Data.Train.Shuffled(Math.Min(sizes.Training.Images, context.Data.Train.Count), context.SeedOf($"images {name}"));
        var options = new TrainingOptions
        {
            Epochs = sizes.Training.Epochs, BatchSize = sizes.Training.Batch, Seed = context.SeedOf($"order {name}"),
            Update = new SgdUpdate { Rate = LearningRate.InverseTime(sizes.Training.Rate, 1e-6) },
        };
        if (scheme.IsDistilled) Distil(context, name, network, data, options);
        else context.Train(name, network, data, options);
        return new SchemeModel(scheme, network, spikes);
    }

    public void Dispose()
    {
        if (!ReferenceEquals(Once, Deployed)) Deployed.Network.Dispose();
        _spikes?.Dispose();
        _network.Dispose();
    }

    private static void Distil(ProtocolContext context, string name, nn.Module<Tensor, Tensor> network, ITrainingData data, TrainingOptions options)
    {
        network.Reseed(context.SeedOf(name));
        context.Display.Training(name, progress => new DefensiveDistillation(options).Run(
            network, data, context.Folder(name.Replace(' ', '-')),
            progress: new Relay<DistillationProgress>(told => progress(told.Training.Step * 100.0 / told.Training.Steps, told.Training.TimeLeft)),
            cancellation: context.Cancellation));
        network.Reseed(context.SeedOf(name));
    }
}
