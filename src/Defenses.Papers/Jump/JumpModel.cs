using Defenses.Hardening;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>A network of the paper whose rectifiers were replaced after training.</summary>
internal sealed class JumpModel : IDisposable
{
    private readonly RetrofitReport? _layers;

    private JumpModel(string name, bool isRobust, nn.Module<Tensor, Tensor> network, RetrofitReport? layers, Normalization normalization)
    {
        (Name, IsRobust, Network, _layers) = (name, isRobust, network, layers);
        Model = new Classifier(network, Bounds.Unit, normalization.Apply) { ChannelsLast = true };
    }

    internal string Name { get; }

    /// <summary>Whether the network was trained with a share of FGSM examples.</summary>
    internal bool IsRobust { get; }

    internal nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>What an attacker faces: pixels in [0, 1], normalised inside.</summary>
    internal Classifier Model { get; }

    /// <summary>Trains the plain or the robust network, or reads it back. Both with rectifiers, as the paper does.</summary>
    internal static nn.Module<Tensor, Tensor> Train(ProtocolContext context, JumpSizes sizes, JumpTask task, bool isRobust)
    {
        var name = task.Prefix + (isRobust ? "robust" : "base");
        using var images = context.Data.Train.Take(Math.Min(sizes.Training.Images, context.Data.Train.Count));
        var epochs = sizes.Training.Epochs;
        var (rate, factor, epochsOfDrops, of) = task.Schedule;
        int[] drops = [.. epochsOfDrops.Select(epoch => epoch * epochs / of).Where(epoch => epoch > 0).Distinct()];
        var options = new TrainingOptions
        {
            Epochs = epochs, BatchSize = sizes.Batch, Seed = context.SeedOf($"order {name}"), Update = new SgdUpdate
            {
                Rate = drops.Length == 0 ? LearningRate.Constant(rate) : LearningRate.Milestones(rate, factor, drops), Nesterov = false, WeightDecay = 5e-4,
            },
        };
        return context.Train(name, task.Network(context.SeedOf($"weights {name}")), new NormalizedData(images, task.Normalization), options,
            isRobust ? AdversarialTraining.MixedFgsm(task.Robust.Epsilon, task.Normalization.Bounds, task.Robust.Share) : null);
    }

    /// <summary>What a plain network with thresholds κ is called; with 0 it has rectifiers.</summary>
    internal static string NameOf(double kappa) => kappa == 0 ? "ReLU" : FormattableString.Invariant($"JumpReLU κ {kappa}");

    /// <summary>What a network with these layers is called.</summary>
    internal static string NameOf(string layers, bool isRobust) => (isRobust ? "robust, " : "") + layers;

    /// <summary>A copy of a trained network with thresholds κ; with 0 it is the network itself.</summary>
    internal static JumpModel With(ProtocolContext context, JumpTask task, nn.Module<Tensor, Tensor> trained, bool isRobust, double kappa) =>
        Make(context, task, trained, isRobust, NameOf(kappa), kappa == 0 ? null : _ => new JumpReLU(kappa));

    /// <summary>A copy with the paper's random thresholds, uniform on [0.6·b, b].</summary>
    internal static JumpModel Randomized(ProtocolContext context, JumpTask task, nn.Module<Tensor, Tensor> trained, bool isRobust) => Make(
        context, task, trained, isRobust, FormattableString.Invariant($"random κ in [{0.6 * task.Jump.High:0.###}, {task.Jump.High}]"), _ =>
            new RandomizedJumpReLU(task.Jump.High));

    public void Dispose()
    {
        _layers?.Dispose();
        Network.Dispose();
    }

    private static JumpModel Make(
        ProtocolContext context, JumpTask task, nn.Module<Tensor, Tensor> trained, bool isRobust, string layers, Func<string, nn.Module<Tensor,
            Tensor>>? activation)
    {
        var name = NameOf(layers, isRobust);
        var network = task.Network(1);
        network.load_state_dict(trained.state_dict());
        network.eval();
        using var probe = context.Data.Test.Images(0, 2);
        using var fed = task.Normalization.Apply(probe);
        var report = activation is null ? null : network.ReplaceReLU(activation, fed);
        network.Reseed(context.SeedOf(task.Prefix + name));
        return new JumpModel(name, isRobust, network, report, task.Normalization);
    }
}
