using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The number of changed elements.</summary>
internal sealed class L0Norm : Norm
{
    public override Tensor Size(Tensor perturbation)
    {
        using var scope = NewDisposeScope();
        return Flat(perturbation).ne(0).to_type(perturbation.dtype).sum(1).MoveToOuterDisposeScope();
    }

    public override Tensor SteepestDirection(Tensor gradient) => L1.SteepestDirection(gradient);

    public override string ToString() => "L0";

    // The exact optimum of a linear function within the step's ball and the box: the elements with the largest gains are moved to their bounds, at least one.
    public override Tensor Ascend(Tensor x, Tensor gradient, double step, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var (flat, slope) = (Flat(x), Flat(gradient));
        var end = where(slope > 0, full_like(flat, bounds.Upper), where(slope < 0, full_like(flat, bounds.Lower), flat));
        var gain = slope * (end - flat);
        var largest = gain.topk((int)Math.Clamp(Math.Floor(step), 1, flat.shape[1]), 1).indexes;
        return flat.scatter(1, largest, end.gather(1, largest)).view(x.shape).MoveToOuterDisposeScope();
    }

    protected override Tensor ProjectCore(Tensor perturbation, double radius)
    {
        using var scope = NewDisposeScope();
        var flat = Flat(perturbation);
        var count = (long)Math.Min(Math.Floor(radius), flat.shape[1]);
        if (count == 0) return zeros_like(perturbation).MoveToOuterDisposeScope();
        var (_, largest) = flat.abs().topk((int)count, 1);
        var kept = zeros_like(flat).scatter_(1, largest, flat.gather(1, largest));
        return kept.view(perturbation.shape).MoveToOuterDisposeScope();
    }

    // A set of elements chosen uniformly, each changed by a uniform number from [−1, 1).
    protected override Tensor RandomPointCore(Tensor like, double radius, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var priority = Flat(random.Uniform(like)) + 1;
        var chosen = ProjectCore(priority.view(like.shape), radius).ne(0).to_type(like.dtype);
        return (chosen * (random.Uniform(like) * 2 - 1)).MoveToOuterDisposeScope();
    }
}
