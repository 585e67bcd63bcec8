using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Counts the passes an attacker makes through a model, and can end the run when a budget is spent.</summary>
/// <remarks>
/// Passes are counted per example and draw at the classifiers behind the view, so a look through ten draws counts ten. A look that
/// would begin with the budget spent throws; the look that spends it is still answered. Limits for each example hold within an attack's run,
/// which knows the examples of a batch: one that has left the batch spends nothing more.
/// </remarks>
public sealed class Metered : ModelView
{
    private readonly ModelView _model;
    private readonly Queries _start;
    private readonly long? _maxForward, _maxBackward;
    private ExampleCounts? _counts;

    /// <summary>Meters a model.</summary>
    /// <param name="model">The view to meter.</param>
    /// <param name="maxForward">Forward passes allowed (per example and draw, summed over the batch), or null for no limit.</param>
    /// <param name="maxBackward">Backward passes allowed, or null for no limit.</param>
    public Metered(ModelView model, long? maxForward = null, long? maxBackward = null)
    {
        _model = Require.NotNull(model, nameof(model));
        _maxForward = maxForward is { } forward ? Require.AtLeast(forward, 1, nameof(maxForward)) : null;
        _maxBackward = maxBackward is { } backward ? Require.AtLeast(backward, 1, nameof(maxBackward)) : null;
        _start = model.Queries;
    }

    /// <summary>The passes since the meter was put on.</summary>
    public Queries Spent => _model.Queries - _start;

    /// <summary>Forward passes allowed for each example of a run, at least 1; by default (null) without limit.</summary>
    public long? MaxForwardPerExample { get; init => field = value is { } most ? Require.AtLeast(most, 1, nameof(MaxForwardPerExample)) : null; }

    /// <summary>Backward passes allowed for each example of a run, at least 1; by default (null) without limit.</summary>
    public long? MaxBackwardPerExample { get; init => field = value is { } most ? Require.AtLeast(most, 1, nameof(MaxBackwardPerExample)) : null; }

    /// <inheritdoc/>
    public override Bounds Bounds => _model.Bounds;

    /// <inheritdoc/>
    public override long Classes => _model.Classes;

    /// <inheritdoc/>
    public override Queries Queries => _model.Queries;

    /// <inheritdoc/>
    public override bool IsRandom => _model.IsRandom;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks => _model.Networks;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => _model.ChannelsLastNetworks(exact);

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x) => Within(backward: false)._model.ComputeLogits(x);

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Within(backward: false)._model.ComputeLogits(x, draws);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => Within(backward: true)._model.ComputeGradient(x, loss);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        Within(backward: true)._model.ComputeGradient(x, loss, draws);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => Within(backward: true)._model.ComputeJacobian(x);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs) =>
        Within(backward: true)._model.ComputeJacobian(x, outputs);

    /// <inheritdoc/>
    internal override IReadOnlyList<double> MemberShares => _model.MemberShares;

    /// <inheritdoc/>
    internal override Tensor ComputeMemberLogits(Tensor x) => Within(backward: false)._model.ComputeMemberLogits(x);

    /// <inheritdoc/>
    internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) =>
        Within(backward: true)._model.ComputeMemberJacobian(member, x, outputs);

    // A look at logits needs no more than forward passes.
    private Metered Within(bool backward)
    {
        Check(Spent, _maxForward, backward ? _maxBackward : null, "");
        if ((MaxForwardPerExample ?? MaxBackwardPerExample) is null || ExampleRows.Current is not { } run) return this;
        if (_counts?.Run != run) _counts = run.Count(_model);
        Check(_counts.Most, MaxForwardPerExample, backward ? MaxBackwardPerExample : null, " for each example");
        return this;
    }

    private void Check(Queries made, long? forward, long? backward, string each)
    {
        if (made.Forward >= forward) throw new BudgetSpentException(Spent, $"{forward} forward passes{each}");
        if (made.Backward >= backward) throw new BudgetSpentException(Spent, $"{backward} backward passes{each}");
    }
}

/// <summary>A metered model refused a look because its budget of passes is spent.</summary>
public sealed class BudgetSpentException : Exception
{
    /// <summary>States what was spent and what was allowed.</summary>
    public BudgetSpentException(Queries spent, string allowed)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The query budget of {allowed} is spent ({spent.Forward} forward, {spent.Backward} backward). Raise the limit of the Metered view or shorten the attack.")) =>
        Spent = spent;

    /// <summary>The passes made.</summary>
    public Queries Spent { get; }
}
