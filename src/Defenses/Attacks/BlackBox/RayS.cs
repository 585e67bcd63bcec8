using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>RayS: a small L∞ perturbation from decisions only, by a search over corners of a ball; no gradient is estimated.</summary>
/// <remarks>
/// Each example has a far end, and its point is the original moved towards it by at most a radius in each element. A query sends the elements of one block
/// to their other bounds, at a radius that is smaller by a thousandth. Where the goal is met, the change stays, and the radius shrinks by doubled
/// steps and then
/// by bisection to that thousandth. Blocks are halves, quarters and so on down to single elements, which repeat. An example is finished when no single
/// element helps. Each query of the search is one image through the model; where a random view meets the goal, <see cref="Attack.DecisionDraws"/> more decide.
/// Source: Chen and Gu 2020, algorithm 3. Differs: the search may start at any image, so that it works towards a target; the first corners are those of the
/// paper's first four levels; the precision is relative (the paper's is 10⁻³ in L2); a candidate must be nearer by the precision. An example without
/// a start keeps its original image, and <see cref="AttackResult.NotAttempted"/> names it.
/// </remarks>
public sealed record RayS : Attack
{
    private const int CornerLevels = 4;

    /// <summary>The norm to keep small: L∞.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.Linf
            ? value
            : throw new ArgumentException($"Norm must be Linf for this attack; it is {value}. Use GeoDA or HopSkipJump for L2.", nameof(Norm));
    } = Norm.Linf;

    /// <summary>The largest number of queries for an example after its start, at least 1; by default 5000.</summary>
    public int Queries { get; init => field = Require.AtLeast(value, 1, nameof(Queries)); } = 5000;

    /// <summary>The number of random images, and then of other images of the batch, to try as a start; at least 1, by default 50.</summary>
    public int StartTries { get; init => field = Require.AtLeast(value, 1, nameof(StartTries)); } = 50;

    /// <summary>Images to try as a start before all others; none by default (null). Towards a target: images of the target class.</summary>
    public StartImages? Start { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Decisions;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Queries = MoreSteps(Queries, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        run.Step(0, Queries);
        using var active = DecisionStart.Find(run, Norm, StartTries, bisections: 0, Start, run.Goal.IsTargeted ? [] : Corners(run));
        using var search = new RaySearch(run, active);
        for (var query = 0; query < Queries && active.Count > 0; query++)
        {
            run.Step(query, Queries);
            search.Query();
        }

        run.Step(Queries, Queries);
        return active.Results().MoveToOuterDisposeScope();
    }

    // All elements at the upper bound, but those of one block at the lower bound; first without such a block.
    private static IReadOnlyList<Func<Tensor>> Corners(AttackRun run)
    {
        var (x, bounds, elements) = (run.Original, run.Model.Bounds, run.Original.numel() / run.Original.shape[0]);
        var corners = new List<Func<Tensor>> { () => full_like(x, bounds.Upper) };
        for (var level = 0; level < CornerLevels; level++)
        {
            var size = RayBlocks.Size(elements, level);
            for (var first = 0L; first < elements; first += size)
            {
                var (start, length) = (first, Math.Min(size, elements - first));
                corners.Add(() =>
                {
                    var flat = full_like(x, bounds.Upper).flatten(1);
                    flat.narrow(1, start, length).fill_(bounds.Lower);
                    return flat.view(x.shape);
                });
            }

            if (size == 1) break;
        }

        return corners;
    }
}
