using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A view that forwards each query to the view behind it. It can change the input first, and set a condition during each pass.</summary>
/// <remarks>
/// All queries (logits, draws, gradients, Jacobians, members) use the same two hooks, <see cref="Enter"/> and <see cref="Transform"/>. None of them
/// can be overridden alone, so the results agree with each other. Gradients pass back through the transform by the chain rule.
/// </remarks>
/// <param name="inner">The view behind this one. Not owned.</param>
public abstract class InterceptingModelView(ModelView inner) : DelegatingModelView(inner)
{
    /// <summary>The differentiable transform of the images before the model, (N, …) → (M, …) with one row for each image; null (default) for none.</summary>
    /// <remarks>
    /// Called once for each draw, so it may use fresh random numbers. A graph is recorded where a gradient is needed. For a straight-through
    /// gradient of a step function return <c>x + (step(x) - x).detach()</c>.
    /// </remarks>
    protected virtual Func<Tensor, Tensor>? Transform => null;

    /// <summary>Called before each pass; the result is disposed after the pass, also when the pass throws. By default null: nothing to dispose.</summary>
    /// <param name="x">The images of the pass, (N, …), before the transform.</param>
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
        if (Transform is not null) return base.ComputeLogits(x, draws);   // one pass for each draw: the transform may be random
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

    internal sealed override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read)
    {
        if (Transform is not null) return base.EachGradient(x, outputs, read);
        using var condition = Enter(x, backward: true);
        return Inner.EachGradient(x, outputs, read);
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

    private static Tensor Answer(Tensor x, Func<Tensor, Tensor> transform, Func<Tensor, Tensor> query)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return query(transform(x)).MoveToOuterDisposeScope();
    }

    private (Tensor Jacobian, Tensor Logits) Slopes(Tensor x, Func<Tensor, Tensor> transform, Func<Tensor, (Tensor Jacobian, Tensor Logits)> query)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var input = transform(leaf);
        var (jacobian, logits) = query(input.detach());
        var outputs = jacobian.shape[1];
        var rows = new Tensor[outputs];
        for (var k = 0; k < outputs; k++) rows[k] = Back(input, leaf, jacobian.select(1, k), retain: k < outputs - 1);
        return (stack(rows, 1).MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    // The gradient with respect to the leaf, from the gradient with respect to the input.
    private Tensor Back(Tensor input, Tensor leaf, Tensor slope, bool retain) =>
        Differentiation.InputGradient((input * slope.detach()).sum(), leaf, retain, Tallies);
}

/// <summary>A view from another assembly. A run counts its passes from outside: by its <see cref="ModelView.Queries"/> before and after each call.</summary>
/// <remarks>The counts are right as long as only one run at a time uses the view.</remarks>
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
