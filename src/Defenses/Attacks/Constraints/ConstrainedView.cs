using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A model that gets only images that satisfy a constraint; its gradients are 0 at elements that must not change.</summary>
/// <remarks>
/// A query is answered at the nearest such images. Gradients pass through the rounding and the bounds as if there were none (straight through).
/// Every member queries the model once, with the draws of the model, which may fold them.
/// </remarks>
internal sealed class ConstrainedView(ModelView model, RunConstraint constraint) : DelegatingModelView(model)
{
    public override IReadOnlyList<double> MemberShares => Inner.MemberShares;

    // The view stays behind the constraint, so that it sees the images that the model gets.
    internal override ModelView SeenThrough(Func<ModelView, ModelView> view) => new ConstrainedView(Inner.SeenThrough(view), constraint);

    protected internal override DelegatingModelView Over(ModelView inner) => new ConstrainedView(inner, constraint);

    protected internal override Tensor ComputeLogits(Tensor x) => Answer(x, Inner.ComputeLogits);

    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Answer(x, images => Inner.ComputeLogits(images, draws));

    protected internal override Tensor ComputeMemberLogits(Tensor x) => Answer(x, Inner.ComputeMemberLogits);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        Differentiate(x, images => Inner.ComputeGradient(images, loss));

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        Differentiate(x, images => Inner.ComputeGradient(images, loss, draws));

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => Slopes(x, Inner.ComputeJacobian);

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs) =>
        Slopes(x, images => Inner.ComputeJacobian(images, outputs));

    internal override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read) =>
        Answer(x, images => Inner.EachGradient(images, outputs, (k, gradient) => read(k, constraint.Masked(gradient))));

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) =>
        Slopes(x, images => Inner.ComputeMemberJacobian(member, images, outputs));

    private Tensor Answer(Tensor x, Func<Tensor, Tensor> query)
    {
        using var scope = NewDisposeScope();
        return query(constraint.Project(x)).MoveToOuterDisposeScope();
    }

    private LossGradient Differentiate(Tensor x, Func<Tensor, LossGradient> query)
    {
        using var scope = NewDisposeScope();
        var pass = query(constraint.Project(x));
        return new LossGradient(constraint.Masked(pass.Gradient), pass.Loss, pass.Logits).MoveToOuterDisposeScope();
    }

    private (Tensor Jacobian, Tensor Logits) Slopes(Tensor x, Func<Tensor, (Tensor Jacobian, Tensor Logits)> query)
    {
        using var scope = NewDisposeScope();
        var (jacobian, logits) = query(constraint.Project(x));
        return (constraint.MaskedRows(jacobian).MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }
}
