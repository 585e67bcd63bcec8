using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>C&amp;W for L0 and L∞: Adam within a region that shrinks with each success, until no constant c succeeds.</summary>
/// <remarks>
/// Minimises penalty + c·max(0, κ − margin). A round of an example ends in one of two ways. The goal is met within the region: the point is kept, the
/// region shrinks, and the next round continues from there. The steps are used up, or the loss stalls: c doubles, and the round starts again from its
/// start. An example is finished when c exceeds the largest constant. The rounds of an example do not depend on the other examples.
/// </remarks>
internal abstract class CarliniWagnerRegion
{
    private const double Progress = 0.9999;
    private readonly AttackRun _run;
    private readonly CarliniWagner _attack;
    private readonly double _largest;

    private protected CarliniWagnerRegion(AttackRun run, CarliniWagner attack, double largest) => (_run, _attack, _largest) = (run, attack, largest);

    private protected AttackRun Run => _run;

    private protected Bounds Bounds => _run.Model.Bounds;

    /// <summary>The first region, a row per example.</summary>
    private protected abstract Tensor FirstRegion(Tensor original);

    /// <summary>The points of the free variables within the region.</summary>
    private protected abstract Tensor Points(Tensor box, Tensor original, Tensor region);

    /// <summary>The cost of a change in units of the bounds' range, (N,), and its slope, (N, …); 0 where variables are not free.</summary>
    private protected abstract (Tensor Value, Tensor Slope) Penalty(Tensor change, Tensor region);

    /// <summary>The elements of the gradient that count: 1 or 0, broadcast over (N, …).</summary>
    private protected abstract Tensor Free(Tensor original, Tensor region);

    /// <summary>Whether a change lies in the region, (N,) bool.</summary>
    private protected abstract Tensor Fits(Tensor change, Tensor region);

    /// <summary>The next region after a success with this change and this gradient of the margin.</summary>
    private protected abstract Tensor Shrink(Tensor region, Tensor change, Tensor gradient);

    /// <summary>Whether a region has its smallest size, (N,) bool.</summary>
    private protected abstract Tensor Exhausted(Tensor region);

    /// <summary>The last success of each example; the original where there was none.</summary>
    internal Tensor Find()
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(_run, _run.Original);
        active.Retire(_run.Model.ComputeLogits(active.Points));
        using var state = new RegionState(
            (Centred(active.Original) * 0.999999).atanh(), FirstRegion(active.Original), active.Original, _attack.InitialConstant);
        var all = _run.Original.shape[0];
        while (active.Count > 0)
        {
            _run.Step(all - active.Count, all);
            using var inner = NewDisposeScope();
            state.Keep(Advance(active, state));
        }

        _run.Step(all, all);
        return active.Results().MoveToOuterDisposeScope();
    }

    // One step of every example; returns the rows that remain active, or null if all do.
    private Tensor? Advance(ActiveBatch active, RegionState state)
    {
        var (original, goal, constant) = (active.Original, active.Goal, state.Constants);
        var reached = state.W.clone();
        var box = reached.tanh();
        var points = Points(box, original, state.Region);
        var evaluation = _run.Model.ComputeGradient(points, goal.Margin);
        var change = points - original;
        var (penalty, slope) = Penalty(change, state.Region);
        var lacking = (_attack.Confidence - evaluation.Loss).clamp_min(0);
        var met = goal.IsMet(evaluation.Logits).logical_and(evaluation.Loss >= _attack.Confidence).logical_and(Fits(change, state.Region));
        met = _run.Confirm(met, points, goal);
        var over = IsOver(state, penalty + constant * lacking).logical_and(met.logical_not());
        var push = Norm.PerExample(constant * (lacking > 0).to_type(constant.dtype), points);
        var gradient = (slope - push * evaluation.Gradient) * Free(original, state.Region) * ((1 - box.square()) * (Bounds.Range / 2));
        state.W.sub_(AdamDirection.Next(state.Mean, state.Square, state.Age, gradient).mul_(_attack.LearningRate));
        var newRegion = Shrink(state.Region, change, evaluation.Gradient);
        active.Move(where(Norm.PerExample(met, points), points, active.Points));
        state.Region = where(Norm.PerExample(met, newRegion), newRegion, state.Region);
        Restart(state, met, over, reached);
        return active.RetireWhere((state.Constants > _largest).logical_or(Exhausted(state.Region)));
    }

    // Whether a round has used up its steps, or its loss fell by less than 0.01 % over a tenth of them.
    private Tensor IsOver(RegionState state, Tensor loss)
    {
        state.Age = state.Age + 1;
        var over = state.Age >= _attack.Steps;
        if (!_attack.AbortEarly) return over;
        var due = state.Age.remainder(Math.Max(1, _attack.Steps / 10)).eq(0);
        over = over.logical_or(due.logical_and(loss > state.Checkpoint * Progress));
        state.Checkpoint = where(due, loss, state.Checkpoint);
        return over;
    }

    // Rows that met the goal continue from there; rows whose round is over start again with twice the constant.
    private static void Restart(RegionState state, Tensor met, Tensor over, Tensor reached)
    {
        state.Constants = where(over, state.Constants * 2, state.Constants);
        var (metRows, restarted) = (Norm.PerExample(met, reached), Norm.PerExample(met.logical_or(over), reached));
        state.Start = where(metRows, reached, state.Start);
        state.W = where(restarted, state.Start, state.W);
        var continued = restarted.logical_not().to_type(reached.dtype);
        state.Mean = state.Mean * continued;
        state.Square = state.Square * continued;
        state.Age = state.Age * continued.flatten();
        state.Checkpoint = where(met.logical_or(over), full_like(state.Checkpoint, double.PositiveInfinity), state.Checkpoint);
    }

    private protected Tensor Centred(Tensor x) => (x - (Bounds.Upper + Bounds.Lower) / 2) / (Bounds.Range / 2);
}

/// <summary>The state of the active examples of <see cref="CarliniWagnerRegion"/>, a row each.</summary>
internal sealed class RegionState : IDisposable
{
    private readonly PerExampleTensors _tensors;

    internal RegionState(Tensor w, Tensor region, Tensor original, double constant)
    {
        var each = zeros([original.shape[0]], dtype: original.dtype, device: original.device);
        _tensors = new PerExampleTensors(
            w, w.clone(), region, each + constant, zeros_like(w), zeros_like(w), each.clone(), each + double.PositiveInfinity);
    }

    /// <summary>The free variables, (N, …).</summary>
    internal Tensor W { get => _tensors[0]; set => _tensors[0] = value; }

    /// <summary>The free variables at the start of the round, (N, …).</summary>
    internal Tensor Start { get => _tensors[1]; set => _tensors[1] = value; }

    /// <summary>The regions.</summary>
    internal Tensor Region { get => _tensors[2]; set => _tensors[2] = value; }

    /// <summary>The constants c, (N,).</summary>
    internal Tensor Constants { get => _tensors[3]; set => _tensors[3] = value; }

    /// <summary>Adam's running mean of the gradients of the round, (N, …).</summary>
    internal Tensor Mean { get => _tensors[4]; set => _tensors[4] = value; }

    /// <summary>Adam's running mean of their squares, (N, …).</summary>
    internal Tensor Square { get => _tensors[5]; set => _tensors[5] = value; }

    /// <summary>The steps of the round, (N,).</summary>
    internal Tensor Age { get => _tensors[6]; set => _tensors[6] = value; }

    /// <summary>The loss at the last check of the round, (N,).</summary>
    internal Tensor Checkpoint { get => _tensors[7]; set => _tensors[7] = value; }

    /// <summary>Keeps only the given rows; null keeps all.</summary>
    internal void Keep(Tensor? rows) => _tensors.Keep(rows);

    /// <summary>Disposes the state.</summary>
    public void Dispose() => _tensors.Dispose();
}
