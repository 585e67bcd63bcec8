using Defenses.Attacks;
using Defenses.Detection;
using Defenses.Hardening;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Trains the models of the schemes, or reads those that are trained.</summary>
internal sealed class SchemeTraining(ProtocolContext context, SpikingSizes sizes)
{
    /// <summary>The share of the first feature map that random spiking leaves as it is.</summary>
    internal const double KeepProbability = 0.8;

    /// <summary>A scheme's model of the given number.</summary>
    internal SchemeModel Make(DefenseScheme scheme, int number)
    {
        var source = DefenseScheme.Named(scheme.Network);
        var name = $"{source.Name} {number}";
        var network = sizes.Network.Make(context.SeedOf($"weights {name}"), source.HasDropout);
        using var probe = context.Data.Test.Images(0, 2);
        var spikes = source.Spikes ? network.InsertAfter<ReLU>(path => path == "relu1" ? new RandomSpiking(KeepProbability) : null, probe) : null;
        using var drawn = Drawn(name);
        using var images = drawn.Take(Math.Min(sizes.Training.Images, drawn.Count - sizes.Calibration));
        Fit(source, name, network, images);
        List<IDisposable> owned = [.. spikes is null ? Array.Empty<IDisposable>() : [spikes], network];
        var guard = scheme.Refuses ? Guard($"{scheme.Name} {number}", network, images, drawn, owned) : null;
        return new SchemeModel(scheme, network, guard, sizes, owned);
    }

    // A random part of the training set, another for each model; its last images are kept from training.
    private DataSet Drawn(string name) => context.Data.Train.Shuffled(Math.Min(sizes.Training.Images + sizes.Calibration, context.Data.Train.Count),
        context.SeedOf($"images {name}"));

    private TrainingOptions Options(string name) => new()
    {
        Epochs = sizes.Training.Epochs, BatchSize = sizes.Training.Batch, Seed = context.SeedOf($"order {name}"), Update = sizes.Network.Update,
    };

    private void Fit(DefenseScheme scheme, string name, nn.Module<Tensor, Tensor> network, DataSet images)
    {
        if (scheme.IsDistilled) Distil(name, network, images);
        else if (scheme.IsAugmented) Augment(name, network, images);
        else context.Train(name, network, images, Options(name));
    }

    private void Distil(string name, nn.Module<Tensor, Tensor> network, ITrainingData data)
    {
        network.Reseed(context.SeedOf(name));
        context.Display.Training(name, progress => new DefensiveDistillation(Options(name)).Run(
            network, data, context.Folder(name.Replace(' ', '-')),
            progress: new SynchronousProgress<DistillationProgress>(told => progress(told.Training.Step * 100.0 / told.Training.Steps, told.Training.TimeLeft)),
            cancellation: context.Cancellation));
        network.Reseed(context.SeedOf(name));
    }

    private void Augment(string name, nn.Module<Tensor, Tensor> network, ITrainingData data)
    {
        network.Reseed(context.SeedOf(name));
        var training = new CwAugmentedTraining(Bounds.Unit, Options(name))
        {
            Attack = new CarliniWagner { Steps = sizes.Search.Steps, SearchSteps = sizes.Search.Rounds, LearningRate = sizes.Search.Rate,
                InitialConstant = sizes.Search.Constant },
            Confidences = sizes.AugmentationMargins, PerConfidence = sizes.Augmentation.PerConfidence, LargestSize = sizes.Augmentation.Largest,
            Most = sizes.Augmentation.Most,
        };
        context.Display.Training(name, progress => training.Run(
            network, data, context.Folder(name.Replace(' ', '-')), progress: new SynchronousProgress<AugmentationProgress>(told => Tell(told, progress)),
                cancellation: context.Cancellation));
        network.Reseed(context.SeedOf(name));
    }

    private static void Tell(AugmentationProgress told, Action<double, TimeSpan> progress)
    {
        if (told.Training is { } training) progress(training.Step * 100.0 / training.Steps, training.TimeLeft);
        else if (told.Attack is { } attack) progress(attack.Step * 100.0 / attack.Steps, TimeSpan.Zero);
    }

    // Grey images: the deep auto-encoder reforms, both detect. Colour: the shallow one, and the divergence of the classifier's answers.
    private MagNet Guard(string name, nn.Module<Tensor, Tensor> network, DataSet images, DataSet drawn, List<IDisposable> owned)
    {
        var model = new Classifier(network, Bounds.Unit) { ChannelsLast = true };
        nn.Module<Tensor, Tensor> Trained(string kind, Func<ulong, long, nn.Module<Tensor, Tensor>> make)
        {
            var encoder = make(context.SeedOf($"weights {name} {kind}"), images.ImageShape[0]);
            owned.Add(encoder);
            var options = new TrainingOptions { Epochs = sizes.MagNet.Epochs, BatchSize = sizes.MagNet.Batch, Seed = context.SeedOf($"order {name} {kind}"),
                Update = new AdamUpdate { Rate = LearningRate.Constant(sizes.MagNet.Rate) } };
            return context.Train($"{name} {kind}", encoder, images, options, new ReconstructionObjective(Bounds.Unit, sizes.MagNet.Noise));
        }
        var shallow = Trained("shallow", AutoEncoders.MagNetShallow);
        var deep = context.Data.IsColor ? null : Trained("deep", AutoEncoders.MagNetDeep);
        var reformer = new Reformer(deep ?? shallow, Bounds.Unit);
        Detector[] detectors = deep is null
            ? [new ReconstructionDetector(shallow, Bounds.Unit, 1), new DivergenceDetector(model, reformer, 10), new DivergenceDetector(model, reformer, 40)]
            : [new ReconstructionDetector(deep, Bounds.Unit), new ReconstructionDetector(shallow, Bounds.Unit, 1)];
        using var clean = drawn.Images(images.Count, Math.Min(sizes.Calibration, drawn.Count - images.Count));
        return new MagNet(model, reformer, DetectorPanel.Calibrate(detectors, clean, sizes.MagNet.Refused));
    }
}
