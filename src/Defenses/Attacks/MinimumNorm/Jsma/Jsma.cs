using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Jacobian saliency map attack: each step changes two elements, the pair that helps the target and hurts the other classes most.</summary>
/// <remarks>
/// The pair (p, q) with the largest −(α_p + α_q)(β_p + β_q), where α is the gradient of the target's logit and β that of the sum of the others,
/// among the pairs with α_p + α_q above 0 and β_p + β_q below 0 (for an element that is lowered, both signs are reversed). Each gradient is multiplied
/// by the change that is left to its element: |θ| of the range, or the distance to the bound where that is less. Elements that are at their
/// bound or were used already are excluded. Untargeted: towards the class that was second best at the start, until the label is lost. An example is
/// finished when it meets the goal, or when no pair is left. Source: Papernot et al. 2016, algorithms 2 and 3, on logits instead of probabilities as
/// the authors' later code has it; raising one element and lowering another: Wiyatno and Xu 2018. Differs: the factor, without which half a pair may be
/// spent on an element that can change by 0.004 only (other libraries exclude elements within 0.01 of a bound, which fools fewer images). The best pair is
/// found exactly, in memory that grows with the number of elements, not with its square.
/// </remarks>
public sealed record Jsma : Attack
{
    /// <summary>The norm to keep small: L0.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.L0 ? value : throw new ArgumentException($"Norm must be L0 for this attack; it is {value}.", nameof(Norm));
    } = Norm.L0;

    /// <summary>θ: the change of an element, as a share of the bounds' range, from −1 to 1 but not 0; by default 1.</summary>
    public double Theta
    {
        get;
        init => field = value == 0
            ? throw new ArgumentOutOfRangeException(nameof(Theta), value, "Theta must not be 0: elements would not change.")
            : Require.Within(value, -1, 1, nameof(Theta));
    } = 1;

    /// <summary>Whether each element may be raised or lowered by |θ| (default), or may only be changed by θ as in the paper.</summary>
    public bool BothWays { get; init; } = true;

    /// <summary>γ: the largest share of the elements that may change, above 0 and at most 1; by default 0.1. At least one pair may change.</summary>
    public double Gamma { get; init => field = Require.Within(Require.Positive(value, nameof(Gamma)), 0, 1, nameof(Gamma)); } = 0.1;

    /// <summary>
    /// Whether class probabilities are differentiated, as in the authors' code of 2017, instead of logits (default). A change that helps the target
    /// then hurts the other classes by as much, so a pair exists as long as any element helps; on logits the search may end early.
    /// </summary>
    public bool OnProbabilities { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps && Gamma < 1 ? this with { Gamma = Math.Min(1, factor * Gamma) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        Require.Elements(run.Original, 2, "Jsma changes elements in pairs", "x");
        using var scope = NewDisposeScope();
        var aimed = run.Goal.CrossesToAnyOther ? run.Towards(run.Goal.Through(SecondBest(run))) : run;
        if (aimed.Goal.Named is null)
            throw new InvalidOperationException(
                $"Jsma raises one class, and the goal '{run.Goal}' names none. Give it Goal.Avoid or Goal.Reach, or take another attack.");
        using var active = new ActiveBatch(aimed, run.Original);
        using var used = new PerExampleTensors(zeros_like(run.Original, dtype: ScalarType.Bool).flatten(1));
        var steps = Math.Max(1, (long)Math.Floor(used[0].shape[1] * Gamma / 2));
        for (var step = 0L; step < steps && active.Count > 0; step++)
        {
            run.Step(step, steps);
            using var inner = NewDisposeScope();
            var (target, others, logits) = Saliency(run, active);
            if (active.Retire(logits) is { } left)
            {
                used.Keep(left);
                (target, others) = (target.index_select(0, left), others.index_select(0, left));
            }

            if (active.Count > 0) Change(run, active, used, target, others);
        }

        run.Step(steps, steps);
        return active.Results().MoveToOuterDisposeScope();
    }

    private static Tensor SecondBest(AttackRun run) =>
        OtherClasses.Of(run.Goal.Merged(run.Model.ComputeLogits(run.Original)), run.Goal.Classes).argmax(1);

    // The gradients of the target's logit and of the sum of the others, (N, D) each, from one gradient query on the doubled batch.
    private (Tensor Target, Tensor Others, Tensor Logits) Saliency(AttackRun run, ActiveBatch active)
    {
        var (x, target) = (active.Points, active.Goal.Named!.unsqueeze(1));
        if (OnProbabilities) return Probable(run, x, target);
        var rows = x.shape[0];
        var evaluation = run.Model.ComputeGradient(cat([x, x]), logits =>
        {
            var own = logits.gather(1, cat([target, target])).squeeze(1);
            return cat([own.narrow(0, 0, rows), (logits.sum(1) - own).narrow(0, rows, rows)]);
        });
        var gradients = evaluation.Gradient.flatten(1);
        return (gradients.narrow(0, 0, rows), gradients.narrow(0, rows, rows), evaluation.Logits.narrow(0, 0, rows));
    }

    // The sum of the other probabilities is 1 − p. The logarithm scales the slopes of an example, changes no choice, and does not vanish.
    private static (Tensor Target, Tensor Others, Tensor Logits) Probable(AttackRun run, Tensor x, Tensor target)
    {
        var evaluation = run.Model.ComputeGradient(x, logits => logits.log_softmax(1).gather(1, target).squeeze(1));
        var gradient = evaluation.Gradient.flatten(1);
        return (gradient, -gradient, evaluation.Logits);
    }

    private void Change(AttackRun run, ActiveBatch active, PerExampleTensors used, Tensor target, Tensor others)
    {
        var (points, unused) = (active.Points.flatten(1), used[0].logical_not());
        // Ways to change: each element up, each element down.
        var ways = BothWays ? new[] { 1, -1 } : [Math.Sign(Theta)];
        var most = Math.Abs(Theta) * run.Model.Bounds.Range;
        var left = cat(ways.Select(way => Left(run, points, way, most)).ToArray(), 1);
        var (first, second) = (cat(ways.Select(way => target * way).ToArray(), 1) * left, cat(ways.Select(way => others * -way).ToArray(), 1) * left);
        var free = left.gt(0).logical_and(unused.repeat(1, ways.Length));
        // A way that loses in both scores is left out: the other way of its element gains in both. No pair then has both ways of one element.
        if (BothWays) free = free.logical_and(first.lt(0).logical_and(second.lt(0)).logical_not());
        var (pair, found) = BestPair.Find(first, second, free);   // (N, 2), (N,)
        var chosen = zeros_like(first).scatter_(1, pair, ones_like(pair, dtype: first.dtype)) * found.unsqueeze(1).to_type(first.dtype);
        var parts = chosen.chunk(ways.Length, 1);
        var change = ways.Zip(parts, (way, part) => part * way).Aggregate((a, b) => a + b);
        active.Move(run.Clip(points + change * most).view(active.Points.shape));
        used[0] = used[0].logical_or(change.ne(0));
        used.Keep(active.RetireWhere(found.logical_not()));
    }

    // How far each element can still go in one step: (N, D).
    private static Tensor Left(AttackRun run, Tensor points, int way, double most)
    {
        var bounds = run.Model.Bounds;
        return run.Constraint is not null ? (run.Clip(points + way * most) - points).abs()
            : (way > 0 ? bounds.Upper - points : points - bounds.Lower).clamp(0, most);
    }
}
