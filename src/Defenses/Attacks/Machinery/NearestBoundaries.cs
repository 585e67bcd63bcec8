using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Finds the nearest boundary of examples repeatedly, without differentiating classes that cannot be nearest.</summary>
/// <remarks>
/// The first call differentiates every class, or the classes with the smallest gaps where there are many.
/// Later calls, among these, estimate each distance from the present gap and the last known slope, and differentiate
/// only the classes within four times the smallest estimate: a class beyond can be nearest only if its slope grows fourfold between two calls.
/// </remarks>
internal sealed class NearestBoundaries(Norm norm, int? nearestClasses = null) : IDisposable
{
    private const double CandidateFactor = 4;
    private PerExampleTensors? _slopes;   // (N, classes): dual sizes of ∇(z_k − z_label) at the last gradient query of the class

    /// <summary>The nearest boundary of each example at x, and the logits there.</summary>
    internal (LinearBoundary Boundary, Tensor Logits) Find(ModelView model, Tensor x, Goal goal)
    {
        if (!goal.CrossesToAnyOther) return LinearBoundary.Nearest(model, x, goal, norm, null);
        var range = model.Bounds.Range;
        using var chosen = new PerExampleTensors(zeros(1), zeros(1));   // the classes, (N, K), and which of them are candidates of the example
        using var nearest = new NearestOfMany(norm, range);
        var logits = model.EachGradient(x, answers =>
        {
            var merged = FiniteLogits.Of(goal.Merged(answers));
            (chosen[0], chosen[1]) = Choose(merged.detach(), goal, range);
            return nearest.Begin(Leads(merged, goal, chosen[0]), chosen[1]);
        }, nearest.Read);
        _slopes ??= new PerExampleTensors(zeros_like(goal.Merged(logits)));
        _slopes[0] = _slopes[0].scatter(1, chosen[0], where(chosen[1], stack(nearest.Sizes, 1), _slopes[0].gather(1, chosen[0])));
        return (nearest.Boundary(), logits);
    }

    /// <summary>Keeps only the given rows; null keeps all.</summary>
    internal void Keep(Tensor? rows) => _slopes?.Keep(rows);

    /// <summary>Disposes the slopes.</summary>
    public void Dispose() => _slopes?.Dispose();

    // K is the largest number of candidates in the batch; the candidates of an example do not depend on the other examples.
    private (Tensor Classes, Tensor Counts) Choose(Tensor logits, Goal goal, double range)
    {
        using var scope = NewDisposeScope();
        var gaps = OtherClasses.Of((logits - logits.gather(1, goal.Classes.unsqueeze(1))).abs(), goal.Classes, excluded: double.PositiveInfinity);
        var distances = _slopes is null ? gaps : LinearBoundary.Distances(gaps, _slopes[0], range);
        var most = _slopes is null ? full_like(gaps.narrow(1, 0, 1), double.PositiveInfinity) : distances.amin([1], keepdim: true) * CandidateFactor;
        var needed = _slopes is null
            ? LinearBoundary.NearestClasses(nearestClasses, logits.shape[1])
            : (distances <= most).to_type(ScalarType.Int64).sum(1).max().ToInt64();
        var (values, classes) = distances.topk((int)Math.Clamp(needed, 1, logits.shape[1] - 1), 1, largest: false);
        return (classes.MoveToOuterDisposeScope(), (values <= most).MoveToOuterDisposeScope());
    }

    private static Tensor Leads(Tensor logits, Goal goal, Tensor classes) => logits.gather(1, classes) - logits.gather(1, goal.Classes.unsqueeze(1));
}
