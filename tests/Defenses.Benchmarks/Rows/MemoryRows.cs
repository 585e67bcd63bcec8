using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>Jobs whose memory must not grow with the number of repetitions. A new one is a line of <see cref="All"/>: name, and work on one batch.</summary>
internal static class MemoryRows
{
    public const long Batch = 10;

    public static IReadOnlyDictionary<string, Action<Subject, Tensor, Tensor>> All { get; } = new Dictionary<string, Action<Subject, Tensor, Tensor>>
    {
        ["forward"] = (subject, images, _) => subject.Model().Logits(images).Dispose(),
        ["PGD"] = (subject, images, labels) => new Pgd(0.3) { Steps = 3, Restarts = 1 }.Run(subject.Model(), images, labels).Dispose(),
        ["C&W"] = (subject, images, labels) => new CarliniWagner { Steps = 3, SearchSteps = 1 }.Run(subject.Model(), images, labels).Dispose(),
        ["EOT-PGD"] = (subject, images, labels) => new Pgd(0.3) { Steps = 2, Restarts = 1 }.Run(new Eot(subject.Model(), 2), images, labels).Dispose(),
        ["judge"] = (subject, images, labels) => new Judge(draws: 2).Measure(subject.Model(), images, labels),
        ["training step"] = (subject, images, labels) =>
            new Trainer(new TrainingOptions { Epochs = 1, BatchSize = (int)Batch }).Run(subject.Network, new TensorData(images, labels)),
        ["retrofit and its undoing"] = (subject, images, _) => subject.Network.InsertAfter<ReLU>(_ => new StochasticActivationPruning(), images).Dispose(),
        ["DeepFool"] = (subject, images, labels) => new DeepFool { Steps = 2 }.Run(subject.Model(), images, labels).Dispose(),
    };
}
