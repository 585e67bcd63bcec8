using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A view that lets the view behind it answer, under a condition that holds during each pass, about an input that it may change first.</summary>
/// <remarks>
/// All answers (logits, draws, gradients, Jacobians, members) go through the same two hooks, <see cref="Enter"/> and <see cref="Transform"/>, and none of them
/// can be overridden alone, so they agree with each other. Gradients pass back through the transform by the chain rule.
/// </remarks>
/// <param name="inner">The view behind this one. Not owned.</param>
public abstract class InterceptingModelView(ModelView inner) : DelegatingModelView(inner)
{
    /// <summary>What stands before the model's input, (N, …) → (M, …) with one row for each image, differentiable; null (default) for nothing.</summary>
    /// <remarks>
    /// Called once for each draw, so that it may draw afresh; it runs with the graph switched on where a gradient is wanted. For a gradient
    /// straight through a step function give <c>x + (step(x) - x).detach()</c>.
    /// </remarks>
    protected virtual Func<Tensor, Tensor>? Transform => null;

    /// <summary>Called before each pass; what it returns is disposed after the pass, also when that throws. By default null: nothing to do.</summary>
    /// <param name="x">The images that are looked at, (N, …), before the transform.</param>
    /// <param name="backward">Whether a backward pass follows.</param>
    protected virtual IDisposable? Enter(Tensor x, bool backward) => null;

    /// <inheritdoc/>
    protected internal sealed override Tensor ComputeLogits(Tensor x)
    {
        using var condition = Enter(x, backward: false);
        return Transform is { } transform ? Answer(x, transform, Inner.ComputeLogits) : Inner.ComputeLogits(x);
    }

    /// <inheritdoc/>
    protected internal sealed override Tensor ComputeLogits(Tensor x, int draws)
    {
        if (Transform is not null) return base.ComputeLogits(x, draws);   // one look after another: the transform may draw
        using var condition = Enter(x, backward: false);
        return Inner.ComputeLogits(x, draws);
    }

    /// <inheritdoc/>
    protected internal sealed override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var condition = Enter(x, backward: true);
        if (Transform is not { } transform) return Inner.ComputeGradient(x, loss);
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var input = transform(leaf);
        var pass = Inner.ComputeGradient(input.detach(), loss);
        return new LossGradient(Back(input, leaf, pass.Gradient, retain: false), pass.Loss, pass.Logits).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal sealed override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws)
    {
        if (Transform is not null) return base.ComputeGradient(x, loss, draws);
        using var condition = Enter(x, backward: true);
        return Inner.ComputeGradient(x, loss, draws);
    }

    /// <inheritdoc/>
    protected internal sealed override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var condition = Enter(x, backward: true);
        return Transform is { } transform ? Slopes(x, transform, Inner.ComputeJacobian) : Inner.ComputeJacobian(x);
    }

    /// <inheritdoc/>
    protected internal sealed override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs)
    {
        using var condition = Enter(x, backward: true);
        return Transform is { } transform ? Slopes(x, transform, input => Inner.ComputeJacobian(input, outputs)) : Inner.ComputeJacobian(x, outputs);
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<double> MemberShares => Inner.MemberShares;

    /// <inheritdoc/>
    protected internal sealed override Tensor ComputeMemberLogits(Tensor x)
    {
        using var condition = Enter(x, backward: false);
        return Transform is { } transform ? Answer(x, transform, Inner.ComputeMemberLogits) : Inner.ComputeMemberLogits(x);
    }

    /// <inheritdoc/>
    protected internal sealed override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs)
    {
        using var condition = Enter(x, backward: true);
        return Transform is { } transform
            ? Slopes(x, transform, input => Inner.ComputeMemberJacobian(member, input, outputs))
            : Inner.ComputeMemberJacobian(member, x, outputs);
    }

    private static Tensor Answer(Tensor x, Func<Tensor, Tensor> transform, Func<Tensor, Tensor> ask)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return ask(transform(x)).MoveToOuterDisposeScope();
    }

    private static (Tensor Jacobian, Tensor Logits) Slopes(Tensor x, Func<Tensor, Tensor> transform, Func<Tensor, (Tensor Jacobian, Tensor Logits)> ask)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var input = transform(leaf);
        var (jacobian, logits) = ask(input.detach());
        var outputs = jacobian.shape[1];
        var rows = new Tensor[outputs];
        for (var k = 0; k < outputs; k++) rows[k] = Back(input, leaf, jacobian.select(1, k), retain: k < outputs - 1);
        return (stack(rows, 1).MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    // The gradient with respect to the leaf, given that with respect to the input.
    private static Tensor Back(Tensor input, Tensor leaf, Tensor slope, bool retain) =>
        Differentiation.InputGradient((input * slope.detach()).sum(), leaf, retain);
}

/// <summary>A view of somebody else's whose passes a run counts from outside, by what its <see cref="ModelView.Queries"/> say before and after each.</summary>
/// <remarks>Right as long as one run at a time looks at the view.</remarks>
internal sealed class TalliedView(ModelView inner, QueryTally tally) : InterceptingModelView(inner)
{
    /// <inheritdoc/>
    internal override ModelView Bind(QueryTally other) => other == tally ? this : base.Bind(other);

    /// <inheritdoc/>
    internal override IReadOnlyList<QueryTally> Tallies => [.. base.Tallies, tally];

    protected internal override DelegatingModelView Over(ModelView inner) => new TalliedView(inner, tally);

    protected override IDisposable? Enter(Tensor x, bool backward)
    {
        var (before, rows) = (Inner.Queries, x.shape[0]);
        return new Randomness.Undo(() => tally.Add(rows, Inner.Queries - before));
    }
}
