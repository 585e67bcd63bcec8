using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>One ascent of Auto-PGD: the present, previous and best point of each example, and the last that met the goal. Subclasses step.</summary>
internal abstract class ApgdState : IDisposable
{
    private readonly Loss _loss;
    private readonly List<Tensor> _held = [];
    private readonly Tensor _best, _bestGradient, _bestLoss, _lastMet, _confirmed;
    private int _sinceCheck;

    private protected ApgdState(AttackRun run, double epsilon, Loss loss, Tensor start)
    {
        (Run, Epsilon, _loss) = (run, epsilon, loss);
        using var scope = NewDisposeScope();
        using var evaluation = Evaluate(start);
        (X, Previous, Gradient, LossValue) = (Hold(start.clone()), Hold(start.clone()), Hold(evaluation.Gradient.clone()), Hold(evaluation.Loss.clone()));
        (_best, _bestGradient, _bestLoss) = (Hold(start.clone()), Hold(evaluation.Gradient.clone()), Hold(evaluation.Loss.clone()));
        _confirmed = Hold(zeros_like(LossValue, dtype: ScalarType.Bool));
        _lastMet = Hold(where(Norm.PerExample(Met(start, evaluation.Logits), start), start, run.Original));
    }

    /// <summary>The point of the largest loss of each example.</summary>
    internal Tensor Best => _best.alias();

    /// <summary>The gradient at that point.</summary>
    internal Tensor BestGradient => _bestGradient.alias();

    /// <summary>The last point that met the goal; the original where none did.</summary>
    internal Tensor LastMet => _lastMet.alias();

    private protected AttackRun Run { get; }

    private protected double Epsilon { get; }

    private protected Tensor X { get; }

    private protected Tensor Previous { get; }

    private protected Tensor Gradient { get; }

    private protected Tensor LossValue { get; }

    private protected Tensor BestLoss => _bestLoss;

    /// <summary>The number of steps until the next check of the progress.</summary>
    private protected abstract int Interval { get; }

    /// <summary>One step uphill, and the evaluation of the new points.</summary>
    internal void Advance()
    {
        using var scope = NewDisposeScope();
        var next = Next();
        var evaluation = Evaluate(next);
        Observe(evaluation.Loss);
        var better = evaluation.Loss > _bestLoss;
        var mask = Norm.PerExample(better, next);
        _best.copy_(where(mask, next, _best));
        _bestGradient.copy_(where(mask, evaluation.Gradient, _bestGradient));
        _bestLoss.copy_(where(better, evaluation.Loss, _bestLoss));
        _lastMet.copy_(where(Norm.PerExample(Met(next, evaluation.Logits), next), next, _lastMet));
        Previous.copy_(X);
        X.copy_(next);
        Gradient.copy_(evaluation.Gradient);
        LossValue.copy_(evaluation.Loss);
        if (++_sinceCheck < Interval) return;
        Check(_sinceCheck);
        _sinceCheck = 0;
    }

    /// <summary>The points after the next step, within the ball and the bounds.</summary>
    private protected abstract Tensor Next();

    /// <summary>Receives the loss at the new points, before it is recorded.</summary>
    private protected virtual void Observe(Tensor loss) { }

    /// <summary>Adapts the steps to the progress since the last check.</summary>
    /// <param name="steps">Steps since the last check.</param>
    private protected abstract void Check(int steps);

    /// <summary>Moves the examples of a mask, (N,) bool, back to their best point.</summary>
    private protected void RestoreBest(Tensor back)
    {
        var mask = Norm.PerExample(back, X);
        X.copy_(where(mask, _best, X));
        Gradient.copy_(where(mask, _bestGradient, Gradient));
        LossValue.copy_(where(back, _bestLoss, LossValue));
    }

    /// <summary>Disposes the tensors of the ascent.</summary>
    public void Dispose()
    {
        foreach (var tensor in _held) tensor.Dispose();
    }

    // Keeps a tensor beyond the present scope, until the ascent is disposed.
    private protected Tensor Hold(Tensor tensor)
    {
        _held.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    // The points that meet the goal. Where the logits are rough, a forward pass confirms one point of each example, and no later point replaces it.
    private Tensor Met(Tensor points, Tensor logits)
    {
        var met = Run.Goal.IsMet(logits);
        if (Run.IsRandom || !Run.Model.HasRoughGradients) return met;
        met = Run.Confirm(met.logical_and(_confirmed.logical_not()), points, Run.Goal);
        _confirmed.logical_or_(met);
        return met;
    }

    // A loss that is NaN is the smallest: at the start it would otherwise never be exceeded.
    private LossGradient Evaluate(Tensor x)
    {
        var found = Run.Model.ComputeGradient(x, logits => _loss.Value(logits, Run.Goal));
        return new LossGradient(found.Gradient, FiniteLogits.Comparable(found.Loss), found.Logits);
    }
}

/// <summary>Auto-PGD in L2 and L∞: steps with momentum, from 2ε on, halved where the loss stops rising (Croce and Hein 2020, algorithm 1).</summary>
internal sealed class ApgdDense : ApgdState
{
    private const double Momentum = 0.25, RisingShare = 0.75;
    private readonly Norm _norm;
    private readonly int _steps;
    private readonly Tensor _step, _rises, _bestAtCheck, _reduced;
    private int _interval;
    private bool _moved;

    internal ApgdDense(AttackRun run, Norm norm, double epsilon, Loss loss, int steps, Tensor start) : base(run, epsilon, loss, start)
    {
        (_norm, _steps, _interval) = (norm, steps, Math.Max(1, (int)(0.22 * steps)));
        _step = Hold(full_like(LossValue, 2 * epsilon));
        _rises = Hold(zeros_like(LossValue));
        _bestAtCheck = Hold(LossValue.clone());
        _reduced = Hold(ones_like(LossValue, dtype: ScalarType.Bool));
    }

    private protected override int Interval => _interval;

    private protected override Tensor Next()
    {
        var uphill = Project(X + _norm.SteepestDirection(Gradient) * Norm.PerExample(_step, X));
        var next = _moved ? Project(X + (uphill - X) * (1 - Momentum) + (X - Previous) * Momentum) : uphill;
        _moved = true;
        return next;
    }

    private protected override void Observe(Tensor loss) => _rises.add_((loss > LossValue).to_type(_rises.dtype));

    // Halves the step of the examples whose loss oscillates or does not rise.
    private protected override void Check(int steps)
    {
        var stuck = (_rises <= steps * RisingShare).logical_or(_reduced.logical_not().logical_and(_bestAtCheck >= BestLoss));
        _reduced.copy_(stuck);
        _bestAtCheck.copy_(BestLoss);
        _rises.fill_(0);
        _step.copy_(where(stuck, _step / 2, _step));
        RestoreBest(stuck);
        _interval = Math.Max(_interval - Math.Max(1, (int)(0.03 * _steps)), Math.Max(1, (int)(0.06 * _steps)));
    }

    private Tensor Project(Tensor point) => Run.Clip(Run.Original + _norm.Project(point - Run.Original, Epsilon));
}
