using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A model behind detectors, as an attacker sees it: logits and gradients with a last class "refused" (see <see cref="EvadeDetectors"/>).</summary>
internal sealed class RejectionView(ModelView model, IReadOnlyList<DetectorLimit> limits) : DelegatingModelView(model)
{
    internal override ModelView SeenThrough(Func<ModelView, ModelView> view) => new RejectionView(view(Inner), limits);

    protected internal override Tensor ComputeLogits(Tensor x) => Append(() => Inner.ComputeLogits(x), x);

    /// <remarks>The draws of the model; the detectors are evaluated once for all draws.</remarks>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Append(() => Inner.ComputeLogits(x, draws), x);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        Differentiate(x, loss, joint => Inner.ComputeGradient(x, joint));

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        Differentiate(x, loss, joint => Inner.ComputeGradient(x, joint, draws));

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => AppendRefusal(x, () => Inner.ComputeJacobian(x));

    // ∂output/∂x = ∂output/∂logits · ∂logits/∂x through the model's own view, plus ∂output/∂excess · ∂excess/∂x. The outputs are computed once.
    internal override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read)
    {
        using var scope = NewDisposeScope();
        var (leaf, excess) = Excess(x);
        var (value, slope) = (excess.detach(), Slope(excess, leaf, ones_like(excess.detach())).flatten(1));
        using var factors = new PerExampleTensors(zeros(1));   // ∂output/∂excess, (N, K)
        var logits = Inner.EachGradient(x, answers =>
        {
            var joint = RejectionLogit.Append(answers, value);
            var (values, slopes) = Linearized(outputs, joint.detach());
            factors[0] = slopes.select(2, slopes.shape[2] - 1).clone();
            return values + ((joint - joint.detach()).unsqueeze(1) * slopes).sum(2);
        }, (k, gradient) => read(k, gradient + (slope * factors[0].narrow(1, k, 1)).view(gradient.shape)));
        return RejectionLogit.Append(logits, value).MoveToOuterDisposeScope();
    }

    // The outputs at logits, (N, C) → (N, K), and their slopes, (N, K, C).
    private static (Tensor Values, Tensor Slopes) Linearized(Func<Tensor, Tensor> outputs, Tensor logits)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = logits.clone().requires_grad_(true);
        var values = outputs(leaf);
        return (values.detach().MoveToOuterDisposeScope(), Differentiation.Jacobian(values, leaf).MoveToOuterDisposeScope());
    }

    /// <remarks>The members of the model: all are behind the same detectors.</remarks>
    public override IReadOnlyList<double> MemberShares => Inner.MemberShares;

    protected internal override Tensor ComputeMemberLogits(Tensor x) => Append(() => Inner.ComputeMemberLogits(x), x);

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs)
    {
        using var scope = NewDisposeScope();
        var (jacobian, logits) = AppendRefusal(x, () => Inner.ComputeMemberJacobian(member, x, answers => answers));
        return (Differentiation.Chain(jacobian, logits, outputs).MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    protected internal override DelegatingModelView Over(ModelView inner) => new RejectionView(inner, limits);

    private (Tensor Jacobian, Tensor Logits) AppendRefusal(Tensor x, Func<(Tensor Jacobian, Tensor Logits)> query)
    {
        using var scope = NewDisposeScope();
        var (leaf, excess) = Excess(x);
        var (jacobian, logits) = query();
        var row = Enumerable.Repeat(1L, (int)jacobian.dim()).ToArray();
        row[0] = x.shape[0];
        var best = logits.argmax(1).view(row).expand([x.shape[0], 1, .. x.shape[1..]]);
        var refusal = jacobian.gather(1, best) + Slope(excess, leaf, ones_like(logits.select(1, 0))).unsqueeze(1);
        return (cat([jacobian, refusal], 1).MoveToOuterDisposeScope(), RejectionLogit.Append(logits, excess.detach()).MoveToOuterDisposeScope());
    }

    private Tensor Append(Func<Tensor> logits, Tensor x)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return RejectionLogit.Append(logits(), RejectionLogit.Excess(limits, x)).MoveToOuterDisposeScope();
    }

    // ∂loss/∂x = ∂loss/∂logits · ∂logits/∂x through the model's own view, plus ∂loss/∂excess · ∂excess/∂x, the first factor averaged over the queries.
    private LossGradient Differentiate(Tensor x, Func<Tensor, Tensor> loss, Func<Func<Tensor, Tensor>, LossGradient> query)
    {
        using var scope = NewDisposeScope();
        var (leaf, excess) = Excess(x);
        var (value, queries) = (excess.detach(), 0);
        var sum = zeros_like(value);
        var seen = query(logits =>
        {
            queries++;
            using (var slope = LossSlope(loss, logits.detach(), value)) sum.add_(slope);
            return loss(RejectionLogit.Append(logits, value));
        });
        var gradient = seen.Gradient + Slope(excess, leaf, sum / queries);
        return new LossGradient(gradient, seen.Loss, RejectionLogit.Append(seen.Logits, value)).MoveToOuterDisposeScope();
    }

    private Tensor LossSlope(Func<Tensor, Tensor> loss, Tensor logits, Tensor excess)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = excess.clone().requires_grad_(true);
        var slope = Differentiation.GradientOrNull(loss(RejectionLogit.Append(logits, leaf)).sum(), leaf, retain: false, Tallies);
        return (slope ?? zeros_like(excess)).MoveToOuterDisposeScope();
    }

    // The excess with its graph, and the images it is a function of.
    private (Tensor Leaf, Tensor Excess) Excess(Tensor x)
    {
        using var withGrad = enable_grad();
        var leaf = x.detach().requires_grad_(true);
        return (leaf, RejectionLogit.Excess(limits, leaf));
    }

    // The gradient of Σ weight·excess.
    private Tensor Slope(Tensor excess, Tensor leaf, Tensor weight)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var gradient = Differentiation.GradientOrNull((excess * weight.to_type(excess.dtype)).sum(), leaf, retain: false, Tallies);
        return (gradient ?? throw RejectionLogit.NoGradient()).MoveToOuterDisposeScope();
    }
}

/// <summary>How far images lie beyond the thresholds of detectors, and the logit of a class "refused" made of it.</summary>
internal static class RejectionLogit
{
    /// <summary>The excess of each image, (N,): the sum of the weighted hinges where a detector fires, else the largest weighted difference (≤ 0).</summary>
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
        logits = FiniteLogits.Of(logits);
        var top = logits.amax([-1], keepdim: true);
        var still = top.detach();
        var refusal = top - still + excess.to_type(logits.dtype).unsqueeze(-1);
        return cat([logits - still, refusal], -1).MoveToOuterDisposeScope();
    }

    /// <summary>The exception for attacks that follow gradients, where a detector has none.</summary>
    internal static InvalidOperationException NoGradient() => new(
        "The detector's score has no gradient with respect to the images, so an attack that follows gradients would not see the detector. " +
        "Use an attack by scores or decisions (Square, Nes, Spsa, HopSkipJump), or give the goal a differentiable approximation of the detector.");

    private static Tensor Score(DetectorLimit limit, Tensor images)
    {
        var score = limit.Detector.Score(images);
        if (score.dim() != 1 || score.shape[0] != images.shape[0] || !score.is_floating_point())
            throw new InvalidOperationException(
                $"A detector must score each image with one floating point number, ({images.shape[0]},); " +
                $"{limit.Detector} gave {score.dtype} of shape {Require.Shape(score)}.");
        using var nan = score.detach().isnan().any();
        if (nan.ToBoolean())
            throw new InvalidOperationException($"The detector {limit.Detector} gave NaN. Check what it was fitted on, and the range of the images.");
        return images.requires_grad && is_grad_enabled() && !score.requires_grad ? throw NoGradient() : score;
    }
}
