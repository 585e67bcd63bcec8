using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>How far images lie beyond the thresholds of detectors, and the logit of a class "refused" made of it.</summary>
internal static class Refusal
{
    /// <summary>The excess of each image, (N,): the weighted hinges' sum where a detector fires, the largest weighted difference (≤ 0) where none does.</summary>
    internal static Tensor Excess(IReadOnlyList<DetectorLimit> limits, Tensor images)
    {
        using var scope = NewDisposeScope();
        var beyond = stack(limits.Select(limit => (Score(limit, images) - limit.Threshold) * limit.Weight).ToArray());   // (detectors, N)
        var largest = beyond.amax([0]);
        return where(largest > 0, beyond.clamp_min(0).sum([0]), largest).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Logits with the refusal as their last column: (…, N, classes), (N,) → (…, N, classes + 1). All are shifted so that the best class
    /// has exactly 0, and the refusal exactly the excess, however large the logits are.
    /// </summary>
    internal static Tensor Append(Tensor logits, Tensor excess)
    {
        using var scope = NewDisposeScope();
        var top = logits.amax([-1], keepdim: true);
        var still = top.detach();
        var refusal = top - still + excess.to_type(logits.dtype).unsqueeze(-1);
        return cat([logits - still, refusal], -1).MoveToOuterDisposeScope();
    }

    /// <summary>What to tell an attack that follows gradients where a detector has none.</summary>
    internal static InvalidOperationException NoGradient() => new(
        "The detector's score has no gradient with respect to the images, so an attack that follows gradients would not see the detector. " +
        "Use an attack that asks for scores or decisions only (Square, Nes, Spsa, HopSkipJump), or give the goal a differentiable stand-in for the detector.");

    private static Tensor Score(DetectorLimit limit, Tensor images)
    {
        var score = limit.Detector.Score(images);
        if (score.dim() != 1 || score.shape[0] != images.shape[0] || !score.is_floating_point())
            throw new InvalidOperationException(
                $"A detector must score each image with one floating point number, ({images.shape[0]},); {limit.Detector} gave {score.dtype} of shape {Require.Shape(score)}.");
        using var nan = score.detach().isnan().any();
        if (nan.ToBoolean()) throw new InvalidOperationException($"The detector {limit.Detector} gave NaN. Check what it was fitted on, and the range of the images.");
        return images.requires_grad && is_grad_enabled() && !score.requires_grad ? throw NoGradient() : score;
    }
}
