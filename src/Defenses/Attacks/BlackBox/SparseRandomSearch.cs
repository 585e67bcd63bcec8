using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Random search in L0: ⌊ε⌋ elements at a bound; a candidate exchanges some of them for others. Uses logits only, no gradients.</summary>
/// <remarks>
/// Starts from ⌊ε⌋ random elements, each at its lower or upper bound at random (at the other one where it is there already). A candidate gives a
/// share of the changed elements back and changes as many others; it is kept where the loss rises. The share shrinks on the published schedule. The
/// budget counts elements, as <see cref="Norm.L0"/> does: a pixel of a colour image has three. Examples that meet the goal are finished; on a random
/// view as for <see cref="Square"/>.
/// Source: Croce et al. 2022 (Sparse-RS, L0). Differs: elements instead of pixels, and every example exchanges its own elements.
/// </remarks>
/// <param name="Epsilon">The number of elements that change, at least 1; a fraction is cut off.</param>
public sealed record SparseRandomSearch(double Epsilon) : BudgetAttack(Epsilon)
{
    private static readonly int[] s_until = [0, 50, 200, 500, 1000, 2000, 4000, 6000, 8000], s_divisors = [1, 2, 4, 5, 6, 8, 10, 12, 15, 20];

    /// <summary>The norm of the budget: L0.</summary>
    public override Norm Norm { get; init => field = Norm.OnlyL0(value, nameof(Norm)); } = Norm.L0;

    /// <summary>The number of candidates for an example, at least 1; by default 5000.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 1, nameof(Candidates)); } = 5000;

    /// <summary>The share of the changed elements that the first candidates exchange, above 0 and at most 1; by default 0.8.</summary>
    public double InitialShare { get; init => field = Require.Within(Require.Positive(value, nameof(InitialShare)), 0, 1, nameof(InitialShare)); } = 0.8;

    /// <summary>The loss that must rise; by default (null) the margin, and cross-entropy towards a target.</summary>
    public Loss? Loss { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Scores;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Candidates = MoreSteps(Candidates, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        Require.AtLeast(Epsilon, 1, nameof(Epsilon));
        using var scope = NewDisposeScope();
        using var search = new RandomSearch(run, Loss ?? (run.Goal.IsTargeted ? Loss.CrossEntropy : Loss.Margin));
        var most = (int)Math.Min(Math.Floor(Epsilon), run.Original.flatten(1).shape[1]);
        search.Begin(original => Exchange(run, original, original, most), (known, original) => Within(run, known, original, most));
        return search.Climb(Candidates, (number, best, original) => Exchange(run, best, original, Math.Max((int)(Share(number) * most), 1)))
            .MoveToOuterDisposeScope();
    }

    // The schedule is that of 10,000 candidates, scaled to other numbers.
    private double Share(int number)
    {
        var place = (number - 1L) * 10_000 / Candidates;
        return InitialShare / s_divisors[s_until.Count(until => place > until)];
    }

    // The largest changes of a known point, as many as the budget.
    private static Tensor Within(AttackRun run, Tensor known, Tensor original, int most)
    {
        using var scope = NewDisposeScope();
        var radii = full([known.shape[0]], most, dtype: known.dtype, device: known.device);
        return run.Clip(original + PerExampleBall.Project(Norm.L0, known - original, radii)).MoveToOuterDisposeScope();
    }

    // Gives some of the changed elements back and changes as many others. Elements that were given back are changed again only where others are missing.
    private static Tensor Exchange(AttackRun run, Tensor points, Tensor original, int count)
    {
        using var scope = NewDisposeScope();
        var bounds = run.Model.Bounds;
        var (lowest, highest) = (run.Clip(full_like(original, bounds.Lower)), run.Clip(full_like(original, bounds.Upper)));
        var changed = points.ne(original).flatten(1);
        var back = Chosen(run, changed.to_type(points.dtype), count);
        var others = lowest.ne(highest).flatten(1).logical_and(changed.logical_not());
        var next = Chosen(run, others.to_type(points.dtype) * 2 + back.to_type(points.dtype), count).view(points.shape);
        var rises = run.Random.Bernoulli(0.5, original).gt(0);
        var corner = where(rises, highest, lowest);
        corner = where(corner.eq(original), where(rises, lowest, highest), corner);
        return where(next, corner, where(back.view(points.shape), original, points)).MoveToOuterDisposeScope();
    }

    // A random choice among the elements of the highest ranks, which are whole numbers; rank 0 is never chosen: (N, D) → (N, D) bool.
    private static Tensor Chosen(AttackRun run, Tensor ranks, int count)
    {
        var order = ranks + run.Random.Uniform(ranks);   // uniform numbers lie below 1
        var highest = order.topk(count, 1).indexes;
        var chosen = zeros_like(ranks, dtype: ScalarType.Bool).scatter_(1, highest, ones_like(highest, dtype: ScalarType.Bool));
        return chosen.logical_and(ranks > 0);
    }
}
