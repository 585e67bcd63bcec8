using Defenses.Models;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Makes the networks of a run: trains the base, copies it, and trains what a defense needs. Everything is kept and resumed.</summary>
internal sealed class TrainingBuilder(RunSettings settings, Preset preset, RunData data, RunFolder folder, Display display, CancellationToken cancellation)
    : NetworkBuilder(data.IsColor, settings.Seed)
{
    /// <summary>Weights of the unprotected network, which is then not trained; null to train it.</summary>
    internal string? BaseWeights { get; init; }

    internal override int Channels => preset.Switching.Channels;

    internal override ColorNetwork Color => preset.Color;

    internal override nn.Module<Tensor, Tensor> Tuned(string name, nn.Module<Tensor, Tensor> network)
    {
        Train(name, network, preset.Tuning, Options(preset.Tuning.Epochs));
        return network;
    }

    internal override nn.Module<Tensor, Tensor> Fitted(string name, Func<TrainingObjective> objective)
    {
        var network = Fresh();
        Train(name, network, preset.Base, Options(preset.Base.Epochs), objective());
        return network;
    }

    internal override nn.Module<Tensor, Tensor> Hardened(string name, Func<TrainingObjective> objective)
    {
        var (network, size) = (Copy(), preset.Hardening);
        Train(name, network, (size.Images, size.Epochs), Options(size.Epochs, size.Batch, size.Rate), objective());
        return network;
    }

    internal override SwitchingNetwork Switching(int channels)
    {
        var trainer = new SwitchingTrainer(Blocks(2), [channels, channels], Options(preset.Switching.Epochs));
        var directory = Path.Combine(folder.Networks, $"switching-{channels}x{channels}");
        using var images = data.Train.Take(Math.Min(preset.Switching.Images, data.Train.Count));
        var network = display.Training($"HRS {channels}×{channels}", progress => trainer.Run(
            images, directory,
            new SynchronousProgress<SwitchingProgress>(step => progress(step.ChannelsDone * 100.0 / step.Channels, step.TimeLeft)), cancellation));
        return Ready(Keep(network));
    }

    /// <summary>The share of test images recognised, one answer each.</summary>
    internal double RecognizedBy(nn.Module<Tensor, Tensor> network)
    {
        using var test = data.Test.Take(Math.Min(preset.AccuracyImages, data.Test.Count));
        return Accuracy.Measure(network, test, settings.Seed, 500, cancellation).Value;
    }

    protected override Tensor Probe() => data.Test.Images(0, 2);

    protected override void FitBase(nn.Module<Tensor, Tensor> network)
    {
        if (BaseWeights is { } file) PathOption.Read("--base", file, () => Loaded(network, file));
        else Train("unprotected", network, preset.Base, Options(preset.Base.Epochs));
    }

    private static nn.Module<Tensor, Tensor> Loaded(nn.Module<Tensor, Tensor> network, string file)
    {
        ModelFile.Load(network, file);
        return network;
    }

    private void Train(
        string name, nn.Module<Tensor, Tensor> network, (int Images, int Epochs) size, TrainingOptions options, TrainingObjective? objective = null)
    {
        var checkpoint = Path.Combine(folder.Networks, name.Replace(' ', '-') + ".checkpoint");
        network.Reseed(settings.Seed);
        using var images = data.Train.Take(Math.Min(size.Images, data.Train.Count));
        display.Training(name, progress => new Trainer(options, objective).Run(
            network, images, checkpoint,
            progress: new SynchronousProgress<TrainingProgress>(step => progress(step.Step * 100.0 / step.Steps, step.TimeLeft)), cancellation: cancellation));
        Ready(network);
    }

    private TrainingOptions Options(int epochs) => Options(epochs, preset.Batch, preset.LearningRate);

    private TrainingOptions Options(int epochs, int batch, double rate) =>
        new() { Epochs = epochs, BatchSize = batch, Seed = settings.Seed, Update = new SgdUpdate { Rate = LearningRate.InverseTime(rate, 1e-6) } };
}
