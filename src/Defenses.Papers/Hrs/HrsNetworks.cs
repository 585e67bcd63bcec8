using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Trains the networks of the protocol, or reads those that are trained.</summary>
internal sealed class HrsNetworks(ProtocolContext context, HrsSizes size) : IDisposable
{
    private readonly List<IDisposable> _made = [];
    private readonly DataSet _images = context.Data.Train.Take(Math.Min(size.Training.Images, context.Data.Train.Count));

    private bool IsColor => context.Data.IsColor;

    /// <summary>All of them, the base first.</summary>
    internal IReadOnlyList<HrsDefense> All()
    {
        var plain = Trained("base", Fresh());
        List<HrsDefense> all = [new("base", "base", 0, plain), new("SAP", "SAP", 1, Pruned(plain))];
        all.AddRange(size.Dropout.Select(rate => new HrsDefense($"dropout {rate}", "dropout", rate, Dropout(rate))));
        all.AddRange(size.Noise.Select(Noisy));
        all.AddRange(size.Hardening.Strengths.Select(Hardened));
        var (channels, widest) = (size.Channels[^1], Switching(2, size.Channels[^1]));
        all.AddRange(size.Channels.Select(count => new HrsDefense($"HRS {count}×{count}", "HRS", count, count == channels ? widest : First(widest, count))));
        return all;
    }

    /// <summary>Hierarchical random switching, trained bottom-up.</summary>
    internal SwitchingNetwork Switching(int blocks, int channels)
    {
        var options = Options($"switching {blocks}");   // of its own: an attacker's channels must not begin with the weights of the attacked ones
        var trainer = new SwitchingTrainer(Blocks(blocks), [.. Enumerable.Repeat(channels, blocks)], options) { Per = SwitchPer.Sample };
        var name = $"HRS, {TextFormat.Counted(blocks, "block", "blocks")} of {TextFormat.Counted(channels, "channel", "channels")}";
        var network = context.Display.Training(name, progress => trainer.Run(
            _images, context.Folder($"switching-{blocks}x{channels}"),
            new SynchronousProgress<SwitchingProgress>(step =>
                progress((step.ChannelsDone + (double)step.Training.Step / step.Training.Steps) * 100.0 / step.Channels, step.TimeLeft)),
                context.Cancellation));
        _made.Add(network);
        return Ready(network);
    }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
        _images.Dispose();
    }

    // The first channels of each block. Their upper channels were trained above all lower ones; training anew for each count would cost as much again.
    internal SwitchingNetwork First(SwitchingNetwork network, int count) =>
        Ready(new SwitchingNetwork([.. network.Blocks.Select(block => new SwitchingBlock([.. block.Channels.Take(count)], SwitchPer.Sample))]));

    private IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Blocks(int blocks, double? dropout = null) =>
        IsColor ? HrsBlocks.Cifar10(blocks, dropout ?? size.TrainingDropout, size.Width) : HrsBlocks.Mnist(blocks, dropout ?? size.TrainingDropout);

    private nn.Module<Tensor, Tensor> Fresh(double? dropout = null)
    {
        var network = Blocks(1, dropout)[0](context.SeedOf("weights"));
        _made.Add(network);
        return network;
    }

    private nn.Module<Tensor, Tensor> Trained(string name, nn.Module<Tensor, Tensor> network, TrainingObjective? objective = null) =>
        Ready(context.Train(name, network, _images, Options(name), objective));

    // One step goes a quarter beyond the ball, seven or more have Madry's quarter of ε each.
    private HrsDefense Hardened(double strength)
    {
        var (name, epsilon) = (FormattableString.Invariant($"adv. training {strength}/255"), strength / 255);
        var attack = new Pgd(epsilon) { Steps = size.Hardening.Steps, StepSize = epsilon * Math.Max(0.25, 1.25 / size.Hardening.Steps), Restarts = 1 };
        return new HrsDefense(name, "adv. training", strength, Trained(name, Fresh(), new AdversarialTraining(attack, Bounds.Unit)));
    }

    private nn.Module<Tensor, Tensor> Pruned(nn.Module<Tensor, Tensor> plain)
    {
        var network = Fresh();
        network.load_state_dict(plain.state_dict());
        using var probe = context.Data.Test.Images(0, 2);
        network.eval();
        _made.Add(network.InsertAfter<ReLU>(path => path == "relu5" ? new StochasticActivationPruning() : null, probe));
        return Ready(network);
    }

    private nn.Module<Tensor, Tensor> Dropout(double rate)
    {
        var network = Fresh(rate);
        foreach (var (_, layer) in network.StochasticLayers()) layer.ActiveIn = Phases.Always;
        return Trained($"dropout {rate}", network);
    }

    private HrsDefense Noisy(double input)
    {
        var network = Fresh();
        using var probe = context.Data.Test.Images(0, 2);
        network.eval();
        _made.Add(network.InsertBefore<Conv2d>(path => new GaussianNoise(path == "conv1" ? input : input / 2), probe));
        var name = FormattableString.Invariant($"Gaussian {input:0.###}/{input / 2:0.####}");
        return new HrsDefense(name, "Gaussian", input, Trained(name, network));
    }

    private TrainingOptions Options(string name) => new()
    {
        Epochs = size.Training.Epochs, BatchSize = size.Batch, Seed = context.SeedOf(name),
        Update = new SgdUpdate { Rate = LearningRate.InverseTime(size.Rate, 1e-6) },
    };

    private TNetwork Ready<TNetwork>(TNetwork network) where TNetwork : nn.Module
    {
        network.eval();
        network.Reseed(context.Seed);
        return network;
    }
}
