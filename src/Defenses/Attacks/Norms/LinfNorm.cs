using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The largest absolute change.</summary>
internal sealed class LinfNorm : Norm
{
    public override Tensor Size(Tensor perturbation)
    {
        using var scope = NewDisposeScope();
        return Flat(perturbation).abs().amax([1]).MoveToOuterDisposeScope();
    }

    public override Tensor SteepestDirection(Tensor gradient) => gradient.sign();

    public override string ToString() => "Linf";

    protected override Tensor ProjectCore(Tensor perturbation, double radius) => perturbation.clamp(-radius, radius);

    protected override Tensor RandomPointCore(Tensor like, double radius, RandomSource random) =>
        random.Uniform(like).mul_(2 * radius).sub_(radius);
}
