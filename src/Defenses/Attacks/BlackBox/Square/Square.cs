using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The Square attack: random search by squares at the edge of the budget. Asks for logits only, never for gradients.</summary>
/// <remarks>
/// Starts from stripes (L∞) or tiles (L2) of size ε; then a square window at a random place gets a new random colour at ±ε (L∞), or takes
/// over the budget of another window (L2), and stays where the loss rose. The window shrinks on the published schedule. Examples that
/// meet the goal leave; on a random view a majority of fresh draws confirms that, and a candidate is compared with a fresh look at the
/// point it would replace. Images are (N, C, H, W) or (N, H, W); other inputs count as one line of elements.
/// Source: Andriushchenko et al. 2020, algorithms 1 to 3. Differs: every example has its own window, the window reaches the last row and
/// column, and a candidate that equals the present point is replaced by that of the opposite colour.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; above 0.</param>
public sealed record Square(double Epsilon) : Attack
{
    /// <summary>The budget, in the units of the model's bounds and of the norm; above 0.</summary>
    public double Epsilon { get; init => field = Require.Positive(value, nameof(Epsilon)); } = Require.Positive(Epsilon, nameof(Epsilon));

    /// <summary>The norm of the budget: L2 or (default) L∞.</summary>
    public override Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of candidates tried for an example, at least 1; by default 5000.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 1, nameof(Candidates)); } = 5000;

    /// <summary>The share of the elements that the first windows cover (p), above 0 and at most 1; by default 0.8.</summary>
    public double InitialShare { get; init => field = Require.Within(Require.Positive(value, nameof(InitialShare)), 0, 1, nameof(InitialShare)); } = 0.8;

    /// <summary>The loss that must rise; by default (null) the margin, and cross-entropy towards a target.</summary>
    public Loss? Loss { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Scores;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Candidates = MoreSteps(Candidates, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var loss = Loss ?? (run.Goal.IsTargeted ? Loss.CrossEntropy : Loss.Margin);
        SquareProposal proposal = Norm == Norm.L2 ? new L2Squares(run, Epsilon) : new LinfSquares(run, Epsilon);
        using var search = new RandomSearch(run, loss);
        search.Begin(proposal.Start);
        for (var number = 1; number <= Candidates && search.Count > 0; number++)
        {
            run.Step(number, Candidates);
            var share = Share(number);
            search.Try((best, original) => proposal.Propose(best, original, share));
        }
        run.Step(Candidates, Candidates);
        return search.Results().MoveToOuterDisposeScope();
    }

    // The share halves at these points of 10,000 candidates; shorter searches are stretched to them.
    private double Share(int number)
    {
        var place = (long)number * 10_000 / Candidates;
        long[] halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
        return InitialShare / (1 << halvings.Count(at => place > at));
    }
}

/// <summary>Keeps per example the best of the points that it is offered; examples that meet the goal leave.</summary>
internal sealed class RandomSearch : IDisposable
{
    private readonly AttackRun _run;
    private readonly Loss _loss;
    private readonly ActiveBatch _active;
    private readonly PerExampleTensors _best;

    internal RandomSearch(AttackRun run, Loss loss)
    {
        (_run, _loss) = (run, loss);
        _active = new ActiveBatch(run, run.Original);
        _best = new PerExampleTensors(full([run.Original.shape[0]], double.NegativeInfinity, dtype: run.Original.dtype, device: run.Original.device));
    }

    /// <summary>How many examples are left.</summary>
    internal long Count => _active.Count;

    /// <summary>Lets the examples leave that meet the goal from the start, and puts the others to their first point.</summary>
    internal void Begin(Func<Tensor, Tensor> start)
    {
        using var scope = NewDisposeScope();
        _best.Keep(_active.Retire(_run.Model.ComputeLogits(_active.Points)));
        if (Count > 0) KeepBetter(start(_active.Original), (points, _) => _best[0]);
    }

    /// <summary>Offers each example a candidate, made of its best point and its original.</summary>
    internal void Try(Func<Tensor, Tensor, Tensor> propose)
    {
        using var scope = NewDisposeScope();
        KeepBetter(propose(_active.Points, _active.Original), IncumbentLoss);
    }

    // The loss to beat is a function of points and goal.
    private void KeepBetter(Tensor candidate, Func<Tensor, Goal, Tensor> standing)
    {
        var (points, goal) = (_active.Points, _active.Goal);
        var logits = _run.Model.ComputeLogits(candidate);
        var value = _loss.Value(logits, goal);
        var met = goal.IsMet(logits);
        var better = (value > standing(points, goal)).logical_or(met);
        _active.Move(where(Norm.PerExample(better, points), candidate, points));
        _best[0] = where(better, value, _best[0]);
        _best.Keep(_active.RetireMet(met));
    }

    /// <summary>The best points of all examples, (N, …).</summary>
    internal Tensor Results() => _active.Results();

    /// <summary>Disposes what the search holds.</summary>
    public void Dispose()
    {
        _active.Dispose();
        _best.Dispose();
    }

    // One lucky draw must not stand for ever: a random view is looked at again.
    private Tensor IncumbentLoss(Tensor points, Goal goal) =>
        _run.IsRandom ? _loss.Value(_run.Model.ComputeLogits(points), goal) : _best[0];
}
