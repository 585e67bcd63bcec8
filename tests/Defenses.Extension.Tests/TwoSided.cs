using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A view that changes the answers: the mean logits of an image and of its negative.</summary>
/// <remarks>It computes logits, gradient and Jacobian itself; all other results follow from these.</remarks>
public sealed class TwoSided(ModelView inner) : DelegatingModelView(inner)
{
    protected override Tensor ComputeLogits(Tensor x)
    {
        using var scope = NewDisposeScope();
        return ((Inner.Logits(x) + Inner.Logits(Negative(x))) / 2).MoveToOuterDisposeScope();
    }

    protected override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var (jacobian, logits) = ComputeJacobian(x);
        using var withGrad = enable_grad();
        var leaf = logits.detach().requires_grad_(true);
        var value = loss(leaf);
        var slope = autograd.grad([value.sum()], [leaf])[0];
        var gradient = slope.unsqueeze(1).bmm(jacobian.flatten(2)).view(x.shape);
        return new LossGradient(gradient.MoveToOuterDisposeScope(), value.detach().MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    protected override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (here, logits) = Inner.JacobianAndLogits(x);
        var (there, others) = Inner.JacobianAndLogits(Negative(x));
        return (((here - there) / 2).MoveToOuterDisposeScope(), ((logits + others) / 2).MoveToOuterDisposeScope());
    }

    protected override DelegatingModelView Over(ModelView inner) => new TwoSided(inner);

    private Tensor Negative(Tensor x) => Bounds.Upper + Bounds.Lower - x;
}

public sealed class TwoSidedTests : ModelViewContract<TwoSided>
{
    protected override TwoSided Create(Classifier model) => new(model);
}
