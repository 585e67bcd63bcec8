using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The paper's attacks (Feinman et al. 2017). They see the network without sampling and know nothing of a detector.</summary>
internal static class MvmAttacks
{
    internal const string Fgsm = "FGSM", BimA = "BIM-A", Jsma = "JSMA";

    internal static IReadOnlyList<string> Names { get; } = [Fgsm, BimA, Jsma];

    internal static string Describe(string name, MvmTask task) => name switch
    {
        Fgsm => FormattableString.Invariant($"ε {task.Epsilon}, one step, clipped to [0, 1]"),
        BimA => FormattableString.Invariant($"ε {task.Epsilon}, at most 50 steps of {task.Step}, the first image that is misclassified"),
        _ => "θ 1, γ 0.1, a random other class as the target, on probabilities as in the code that the paper used",
    };

    /// <param name="seed">Of the targets.</param>
    internal static AttackResult Run(string name, MvmTask task, Classifier model, Tensor images, Tensor labels, ulong seed, CancellationToken cancellation) =>
        name switch
    {
        Fgsm => new Fgsm(task.Epsilon).Run(model, images, labels, cancellation: cancellation),
        BimA => new Bim(task.Epsilon) { StepSize = task.Step, Steps = 50, Variant = BimVariant.First }.Run(model, images, labels, cancellation: cancellation),
        _ => Targeted(model, images, labels, seed, cancellation),
    };

    private static AttackResult Targeted(Classifier model, Tensor images, Tensor labels, ulong seed, CancellationToken cancellation)
    {
        using var random = new RandomSource(seed);
        using var steps = tensor(Enumerable.Range(0, (int)labels.shape[0]).Select(_ => 1 + random.Index(9)).ToArray());
        using var targets = (labels + steps).remainder_(10);
        return new Jsma { Theta = 1, Gamma = 0.1, BothWays = false, OnProbabilities = true }.Run(model, images, Goal.Reach(targets),
            cancellation: cancellation);
    }
}
