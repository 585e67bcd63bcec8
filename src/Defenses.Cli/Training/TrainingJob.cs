using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>One training to be done: the network, what to train it on, and where its work is kept.</summary>
internal sealed record TrainingJob
{
    internal required nn.Module<Tensor, Tensor> Network { get; init; }

    internal required DataSet Images { get; init; }

    internal required TrainingOptions Options { get; init; }

    /// <summary>The method's options, all of them.</summary>
    internal required IReadOnlyDictionary<string, double> Values { get; init; }

    /// <summary>Where the work is kept: a file named so with ".checkpoint", or a folder.</summary>
    internal required string Work { get; init; }

    /// <summary>Told the share done, in percent, and the time that the present part takes still.</summary>
    internal required Action<double, TimeSpan> Progress { get; init; }

    internal required CancellationToken Cancellation { get; init; }

    /// <summary>The value of one of the method's options.</summary>
    internal double this[string option] => Values[option];

    /// <summary>One training.</summary>
    internal void Fit(TrainingObjective objective) => new Trainer(Options, objective).Run(
        Network, Images, Work + ".checkpoint", progress: new SynchronousProgress<TrainingProgress>(told => Tell(0, 1, told.Step, told.Steps, told.TimeLeft)),
            cancellation: Cancellation);

    /// <summary>Three trainings.</summary>
    internal void Distil() => new DefensiveDistillation(Options) { Temperature = this["temperature"] }.Run(
        Network, Images, Work, progress: new SynchronousProgress<DistillationProgress>(told =>
            Tell((int)told.Stage, 3, told.Training.Step, told.Training.Steps, told.Training.TimeLeft)), cancellation: Cancellation);

    /// <summary>A training, an attack, and another training.</summary>
    internal void Augment() => new CwAugmentedTraining(Bounds.Unit, Options)
    {
        PerConfidence = (int)this["examples"], LargestSize = this["size"], Attack = new CarliniWagner { Steps = (int)this["steps"] },
    }.Run(Network, Images, Work, progress: new SynchronousProgress<AugmentationProgress>(told =>
    {
        var (training, attack) = (told.Training, told.Attack);
        Tell((int)told.Stage, 3, training?.Step ?? attack?.Step ?? 0, training?.Steps ?? attack?.Steps ?? 1, training?.TimeLeft ?? TimeSpan.Zero);
    }), cancellation: Cancellation);

    private void Tell(int part, int parts, long step, long steps, TimeSpan left) => Progress((part + (double)step / steps) * 100 / parts, left);
}
