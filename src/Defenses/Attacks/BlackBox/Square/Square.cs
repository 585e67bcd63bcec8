using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The Square attack: random search by squares at the edge of the budget. Uses logits only, no gradients.</summary>
/// <remarks>
/// Starts from stripes (L∞) or tiles (L1, L2) of size ε. Then a square window at a random place gets a new random colour at ±ε (L∞), or takes
/// over the budget of another window (L1, L2); the change is kept where the loss rises. The window shrinks on the published schedule. Examples that
/// meet the goal are finished. On a random view a majority of fresh draws confirms that, and the present point is evaluated again before a
/// candidate is compared with it. Images are (N, C, H, W) or (N, H, W); other inputs count as one line of elements.
/// Source: Andriushchenko et al. 2020, algorithms 1 to 3; L1: Croce and Hein 2021 (Mind the box), section 4. Differs: every example has its own
/// window, the window reaches the last row and
/// column, and a candidate that equals the present point is replaced by the candidate of the opposite colour.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Square(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The norm of the budget: L1, L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L1L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of candidates for an example, at least 1; by default 5000.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 1, nameof(Candidates)); } = 5000;

    /// <summary>The share of the elements that the first windows cover (p), above 0 and at most 1; by default 0.8.</summary>
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
        using var scope = NewDisposeScope();
        var loss = Loss ?? (run.Goal.IsTargeted ? Loss.CrossEntropy : Loss.Margin);
        SquareProposal proposal = Norm == Norm.L1 ? new L1Squares(run, Epsilon)
            : Norm == Norm.L2 ? new L2Squares(run, Epsilon) : new LinfSquares(run, Epsilon);
        using var search = new RandomSearch(run, loss);
        search.Begin(proposal.Start, (known, original) => run.Clip(original + Norm.Project(known - original, Epsilon)));
        return search.Climb(Candidates, (number, best, original) => proposal.Propose(best, original, Share(number))).MoveToOuterDisposeScope();
    }

    // The share halves at these points of 10,000 candidates; for other numbers of candidates the points are scaled.
    private double Share(int number)
    {
        var place = (long)number * 10_000 / Candidates;
        long[] halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
        return InitialShare / (1 << halvings.Count(at => place > at));
    }
}
