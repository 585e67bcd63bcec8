using Defenses.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Rows;

/// <summary>Jobs whose memory must not grow with the number of images. A new one is a line of <see cref="All"/>: name, and work on one batch.</summary>
internal static class MemoryRows
{
    public const long Batch = 100;

    public static IReadOnlyDictionary<string, Action<Subject, Tensor, Tensor>> All { get; } = new Dictionary<string, Action<Subject, Tensor, Tensor>>
    {
        ["forward"] = (subject, images, _) => subject.Model().Logits(images).Dispose(),
        ["PGD"] = (subject, images, labels) => new Pgd(0.3) { Steps = 3, Restarts = 1 }.Run(subject.Model(), images, labels).Dispose(),
        ["C&W"] = (subject, images, labels) => new CarliniWagner { Steps = 3, SearchSteps = 1 }.Run(subject.Model(), images, labels).Dispose(),
        ["DeepFool"] = (subject, images, labels) => new DeepFool { Steps = 2 }.Run(subject.Model(), images, labels).Dispose(),
    };
}
