using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Finds the nearest boundary of examples again and again, without differentiating classes that cannot be nearest.</summary>
/// <remarks>
/// The first look differentiates every class. Later ones estimate each distance by the present gap and the last known slope, and
/// differentiate the classes within four times the smallest estimate only: a farther one is nearest only if its slope has grown fourfold between two looks.
/// </remarks>
internal sealed class NearestBoundaries(Norm norm) : IDisposable
{
    private const double Doubt = 4, Tiny = 1e-8;
    private RowState? _slopes;   // (N, classes): dual sizes of ∇(z_k − z_label) when last looked at

    /// <summary>The nearest boundary of each example at x, and the logits there.</summary>
    internal (LinearBoundary Boundary, Tensor Logits) Look(ModelView model, Tensor x, Goal goal)
    {
        if (goal.Named is not null)
        {
            var (slope, answer) = model.ComputeJacobian(x, answers => LinearBoundary.Leads(answers, goal));
            return (LinearBoundary.Nearest(slope, answer, goal, norm), answer);
        }

        using var chosen = new RowState(zeros(1), zeros(1));   // classes (N, K), and which of them count for the example
        var (jacobian, logits) = model.ComputeJacobian(x, answers =>
        {
            var merged = goal.Merged(answers);
            (chosen[0], chosen[1]) = Choose(merged.detach(), goal);
            return Leads(merged, goal, chosen[0]);
        });
        var directions = jacobian.flatten(2);                  // (N, K, D)
        var seen = goal.Merged(logits);
        var (gaps, sizes) = (Leads(seen, goal, chosen[0]), LinearBoundary.DualSize(directions, norm));
        _slopes ??= new RowState(zeros_like(seen));
        _slopes[0] = _slopes[0].scatter(1, chosen[0], where(chosen[1], sizes, _slopes[0].gather(1, chosen[0])));
        var nearest = where(chosen[1], gaps.abs() / (sizes + Tiny), full_like(sizes, double.PositiveInfinity)).argmin(1, keepdim: true);
        var normal = directions.gather(1, nearest.unsqueeze(2).expand(-1, 1, directions.shape[2])).squeeze(1);
        return (new LinearBoundary(gaps.gather(1, nearest).squeeze(1), normal, norm), logits);
    }

    /// <summary>Lets all but the given rows leave; null keeps all.</summary>
    internal void Keep(Tensor? rows) => _slopes?.Keep(rows);

    /// <summary>Disposes what is remembered.</summary>
    public void Dispose() => _slopes?.Dispose();

    // As many classes for all as the most doubtful example needs; an example looks at its own doubtful ones, whoever else is in the batch.
    private (Tensor Classes, Tensor Counts) Choose(Tensor logits, Goal goal)
    {
        using var scope = NewDisposeScope();
        var own = goal.Classes.unsqueeze(1);
        var gaps = (logits - logits.gather(1, own)).abs().scatter(1, own, full_like(own, double.PositiveInfinity, dtype: logits.dtype));
        var distances = _slopes is null ? gaps : gaps / (_slopes[0] + Tiny);
        var most = _slopes is null ? gaps.amax([1], keepdim: true) : distances.amin([1], keepdim: true) * Doubt;
        var needed = _slopes is null ? logits.shape[1] - 1 : (distances <= most).to_type(ScalarType.Int64).sum(1).max().ToInt64();
        var (values, classes) = distances.topk((int)Math.Clamp(needed, 1, logits.shape[1] - 1), 1, largest: false);
        return (classes.MoveToOuterDisposeScope(), (values <= most).MoveToOuterDisposeScope());
    }

    private static Tensor Leads(Tensor logits, Goal goal, Tensor classes) => logits.gather(1, classes) - logits.gather(1, goal.Classes.unsqueeze(1));
}
