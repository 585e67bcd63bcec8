using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The Euclidean length.</summary>
internal sealed class L2Norm : Norm
{
    public override Tensor Size(Tensor perturbation)
    {
        using var scope = NewDisposeScope();
        return Flat(perturbation).norm(1, keepdim: false, p: 2f).MoveToOuterDisposeScope();
    }

    public override Tensor SteepestDirection(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        // Divided by the largest entry first: the square of a small gradient is 0 in single precision.
        var peak = PerExample(Flat(gradient).abs().amax([1]), gradient);
        var scaled = gradient / peak.clamp_min(1e-38);
        var size = PerExample(Size(scaled), gradient);
        return where(size > 0, scaled / size.clamp_min(1e-12), zeros_like(scaled)).MoveToOuterDisposeScope();
    }

    public override string ToString() => "L2";

    protected override Tensor ProjectCore(Tensor perturbation, double radius)
    {
        using var scope = NewDisposeScope();
        var size = PerExample(Size(perturbation), perturbation);
        return (perturbation * (radius / size.clamp_min(1e-12)).clamp_max(1)).MoveToOuterDisposeScope();
    }

    protected override Tensor RandomPointCore(Tensor like, double radius, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var direction = SteepestDirection(random.Normal(like));
        var share = random.Uniform(like.flatten(1).narrow(1, 0, 1)).pow(1.0 / like.shape.Skip(1).Aggregate(1L, (a, b) => a * b));
        return (direction * PerExample(share.squeeze(1), like) * radius).MoveToOuterDisposeScope();
    }
}
