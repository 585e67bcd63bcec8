using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The sum of absolute changes.</summary>
internal sealed class L1Norm : Norm
{
    public override Tensor Size(Tensor perturbation)
    {
        using var scope = NewDisposeScope();
        return Flat(perturbation).abs().sum(1).MoveToOuterDisposeScope();
    }

    public override Tensor SteepestDirection(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var flat = Flat(gradient);
        var largest = flat.abs().argmax(1, keepdim: true);
        var direction = zeros_like(flat).scatter_(1, largest, flat.gather(1, largest).sign());
        return direction.view(gradient.shape).MoveToOuterDisposeScope();
    }

    public override string ToString() => "L1";

    // The exact optimum of a linear function within the step's ball and the box: the elements with the largest gradients are moved
    // to their bounds, one after another, until the step is used up.
    public override Tensor Ascend(Tensor x, Tensor gradient, double step, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        var (flat, slope) = (Flat(x), Flat(gradient));
        var room = where(slope > 0, bounds.Upper - flat, flat - bounds.Lower) * slope.ne(0).to_type(x.dtype);
        var order = slope.abs().argsort(1, descending: true);
        var sortedRoom = room.gather(1, order);
        var used = sortedRoom.cumsum(1) - sortedRoom;
        var moves = minimum(sortedRoom, (step - used).clamp_min(0));
        var change = zeros_like(flat).scatter_(1, order, moves) * slope.sign();
        return (flat + change).clamp_(bounds.Lower, bounds.Upper).view(x.shape).MoveToOuterDisposeScope();
    }

    // Projects onto the ball by the sort-based threshold (Duchi et al. 2008, figure 1).
    protected override Tensor ProjectCore(Tensor perturbation, double radius)
    {
        using var scope = NewDisposeScope();
        var flat = Flat(perturbation);
        var magnitudes = flat.abs();
        var (sorted, _) = magnitudes.sort(1, descending: true);
        var excess = sorted.cumsum(1) - radius;
        var counts = arange(1, flat.shape[1] + 1, dtype: flat.dtype, device: flat.device);
        var kept = (sorted * counts > excess).to_type(ScalarType.Int64).sum(1, keepdim: true).clamp_min(1);
        var threshold = (excess.gather(1, kept - 1) / kept).clamp_min(0);
        return (flat.sign() * (magnitudes - threshold).clamp_min(0)).view(perturbation.shape).MoveToOuterDisposeScope();
    }

    // Exponential magnitudes with random signs, divided by their sum and one more exponential (Barthe et al. 2005).
    protected override Tensor RandomPointCore(Tensor like, double radius, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var flat = like.flatten(1);
        var magnitudes = -(1 - random.Uniform(flat)).log();
        var rest = -(1 - random.Uniform(flat.narrow(1, 0, 1))).log();
        var signs = random.Bernoulli(0.5, flat) * 2 - 1;
        return (signs * magnitudes / (magnitudes.sum(1, keepdim: true) + rest) * radius).view(like.shape).MoveToOuterDisposeScope();
    }
}
