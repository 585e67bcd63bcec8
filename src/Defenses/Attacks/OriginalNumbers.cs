using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Tells a network that answers an original image with NaN from one that answers an adversarial example so.</summary>
internal static class OriginalNumbers
{
    /// <summary>Checks the original images where logits hold NaN.</summary>
    /// <remarks>An adversarial example may cause NaN in a network; an original image must not.</remarks>
    /// <exception cref="InvalidOperationException">The network answers an original image with NaN; the message names it.</exception>
    internal static void RequireNumbers(this AttackRun run, Tensor answers)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        if (!answers.isnan().any().ToBoolean()) return;
        var rows = run.Model.ComputeLogits(run.Original).isnan().any(1).nonzero();
        if (rows.shape[0] == 0) return;
        throw new InvalidOperationException(
            $"The network gave NaN for {rows.shape[0]} of {run.Original.shape[0]} images, first for number {rows[0].ToInt64()}. " +
            "Check its weights and its preprocessing.");
    }
}
