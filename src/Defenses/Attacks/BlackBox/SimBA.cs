using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>SimBA: tries one direction of an orthonormal basis after another, forward and then backward. Uses logits only, no gradients.</summary>
/// <remarks>
/// A candidate is the present point plus or minus a step along one basis vector, projected into the budget; it is kept where the loss rises. Each
/// example has its own random order of vectors: all pixels, or waves from low to high frequencies (the lowest quarter along each side first, then bands of an
/// eighth). When the order is used up, a new one begins. A candidate equal to the present point costs no query. Examples that meet the goal are finished, and
/// on a deterministic view those that no vector has improved. On a random view a majority of fresh draws confirms the goal, and the present point is evaluated
/// again before a candidate is compared with it. Source: Guo et al. 2019, algorithm 1. Differs: the loss is the margin of the logits and not a
/// probability; there is a budget; the order repeats. Waves need images, (N, C, H, W) or (N, H, W); other inputs count as one line of elements.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record SimBA(double Epsilon) : BudgetAttack(Epsilon)
{
    private const double LargestStep = 0.2;

    /// <summary>The norm of the budget: L2 (default) or L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.L2;

    /// <summary>The basis; waves by default.</summary>
    public SimBABasis Basis
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value : throw new ArgumentOutOfRangeException(nameof(Basis), value, $"Basis must be a basis of this attack; it is {value}.");
    } = SimBABasis.Waves;

    /// <summary>The number of basis vectors to try for an example, at least 1; by default 5000. Each costs one query or two.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 1, nameof(Candidates)); } = 5000;

    /// <summary>The size of a step in the norm, above 0; by default (null) ε in L∞, and in L2 a fifth of ε, at most 0.2 of the range of the bounds.</summary>
    public double? StepSize { get; init => field = value is { } step ? Require.Positive(step, nameof(StepSize)) : null; }

    /// <summary>The loss that must rise; by default (null) the margin, and cross-entropy towards a target.</summary>
    public Loss? Loss { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Scores;

    private protected override bool NeedsBudget => true;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Candidates = MoreSteps(Candidates, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        run.Step(0, Candidates);
        var step = StepSize ?? (Norm == Norm.Linf ? Epsilon : Math.Min(LargestStep * run.Model.Bounds.Range, Epsilon / 5));
        var loss = Loss ?? (run.Goal.IsTargeted ? Loss.CrossEntropy : Loss.Margin);
        using var search = new BasisSearch(run, loss, Basis, Move);
        search.Begin();
        for (var number = 0; number < Candidates && search.Count > 0; number++)
        {
            run.Step(number, Candidates);
            search.TryVector();
        }

        run.Step(Candidates, Candidates);
        return search.Results().MoveToOuterDisposeScope();

        Tensor Move(Tensor point, Tensor original, Tensor vector, int way)
        {
            var unit = vector / Norm.PerExample(Norm.Size(vector), vector).clamp_min(1e-12);
            return run.Clip(original + Norm.Project(point + unit * (way * step) - original, Epsilon));
        }
    }
}

/// <summary>An orthonormal basis of images.</summary>
public enum SimBABasis
{
    /// <summary>Single elements.</summary>
    Pixels,

    /// <summary>Cosine waves of one channel each (DCT-II), low frequencies first.</summary>
    Waves,
}
