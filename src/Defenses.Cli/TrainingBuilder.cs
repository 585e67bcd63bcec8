using Defenses.Models;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Makes the networks of a run: trains the base, copies it, and trains what a defense needs. Everything is kept and resumed.</summary>
internal sealed class NetworkBuilder(RunSettings settings, Preset preset, RunData data, RunFolder folder, Display display, CancellationToken cancellation)
    : IDisposable
{
    private readonly List<IDisposable> _made = [];
    private nn.Module<Tensor, Tensor>? _base;

    /// <summary>Whether the images are colour photographs rather than grey digits.</summary>
    internal bool IsColor => data.IsColor;

    /// <summary>The unprotected network, trained.</summary>
    internal nn.Module<Tensor, Tensor> Base()
    {
        if (_base is not null) return _base;
        var network = Fresh();
        Train("unprotected", network, preset.Base, Options(preset.Base.Epochs));
        return _base = network;
    }

    /// <summary>A network of its own with the weights of the unprotected one.</summary>
    internal nn.Module<Tensor, Tensor> Copy()
    {
        var copy = Fresh();
        copy.load_state_dict(Base().state_dict());
        return copy;
    }

    /// <summary>A copy with layers behind (or before) every module of a type, by the module's name; null leaves one alone.</summary>
    internal nn.Module<Tensor, Tensor> With<TModule>(Func<string, nn.Module<Tensor, Tensor>?> layer, bool before = false)
        where TModule : nn.Module<Tensor, Tensor>
    {
        var network = Copy();
        using var probe = data.Test.Images(0, 2);
        _made.Add(before ? network.InsertBefore<TModule>(layer, probe) : network.InsertAfter<TModule>(layer, probe));
        return Ready(network);   // seeds the new layers, too: views of fixed draws see the network's own numbered draws
    }

    /// <summary>A copy whose ReLUs are replaced.</summary>
    internal nn.Module<Tensor, Tensor> WithActivations(Func<string, nn.Module<Tensor, Tensor>?> activation)
    {
        var network = Copy();
        using var probe = data.Test.Images(0, 2);
        _made.Add(network.ReplaceReLU(activation, probe));
        return Ready(network);
    }

    /// <summary>Trains a network on with its layers in place.</summary>
    internal nn.Module<Tensor, Tensor> Tuned(string name, nn.Module<Tensor, Tensor> network)
    {
        Train(name, network, preset.Tuning, Options(preset.Tuning.Epochs));
        return network;
    }

    /// <summary>Hierarchical random switching, trained bottom-up.</summary>
    internal SwitchingNetwork Switching(int channels)
    {
        var blocks = data.IsColor ? HrsBlocks.Cifar10() : HrsBlocks.Mnist();
        var trainer = new SwitchingTrainer(blocks, [channels, channels], Options(preset.Switching.Epochs));
        var directory = Path.Combine(folder.Networks, $"switching-{channels}x{channels}");
        using var images = data.Train.Take(Math.Min(preset.Switching.Images, data.Train.Count));
        var network = display.Training($"HRS {channels}×{channels}", progress => trainer.Run(
            images, directory,
            new SynchronousProgress<SwitchingProgress>(step => progress(step.ChannelsDone * 100.0 / step.Channels, step.TimeLeft)), cancellation));
        _made.Add(network);
        return Ready(network);
    }

    /// <summary>Channels of the preset's switching network in each block.</summary>
    internal int Channels => preset.Switching.Channels;

    /// <summary>The share of test images recognised, one answer each.</summary>
    internal double RecognizedBy(nn.Module<Tensor, Tensor> network)
    {
        using var test = data.Test.Take(Math.Min(preset.AccuracyImages, data.Test.Count));
        return Accuracy.Measure(network, test, settings.Seed, 500, cancellation).Value;
    }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    private nn.Module<Tensor, Tensor> Fresh()
    {
        var network = data.IsColor ? Defenses.Zoo.Networks.HrsCifar10(settings.Seed) : Defenses.Zoo.Networks.HrsMnist(settings.Seed);
        _made.Add(network);
        return Ready(network);
    }

    private void Train(string name, nn.Module<Tensor, Tensor> network, (int Images, int Epochs) size, TrainingOptions options)
    {
        var checkpoint = Path.Combine(folder.Networks, name.Replace(' ', '-') + ".checkpoint");
        network.Reseed(settings.Seed);
        using var images = data.Train.Take(Math.Min(size.Images, data.Train.Count));
        display.Training(name, progress => new Trainer(options).Run(
            network, images, checkpoint,
            progress: new SynchronousProgress<TrainingProgress>(step => progress(step.Step * 100.0 / step.Steps, step.TimeLeft)), cancellation: cancellation));
        Ready(network);
    }

    private TrainingOptions Options(int epochs) =>
        new() { Epochs = epochs, BatchSize = preset.Batch, Seed = settings.Seed,
            Update = new SgdUpdate { Rate = LearningRate.InverseTime(preset.LearningRate, 1e-6) } };

    private TNetwork Ready<TNetwork>(TNetwork network) where TNetwork : nn.Module
    {
        network.eval();
        network.Reseed(settings.Seed);
        return network;
    }
}
