using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>One ascent of Auto-PGD: the present, previous and best point of each example, and the last that met the goal. Subclasses step.</summary>
internal abstract class ApgdState : IDisposable
{
    private readonly Loss _loss;
    private readonly List<Tensor> _held = [];
    private readonly Tensor _best, _bestGradient, _bestLoss, _lastMet;
    private int _sinceCheck;

    private protected ApgdState(AttackRun run, double epsilon, Loss loss, Tensor start)
    {
        (Run, Epsilon, _loss) = (run, epsilon, loss);
        using var scope = NewDisposeScope();
        using var evaluation = Evaluate(start);
        (X, Previous, Gradient, LossValue) = (Hold(start.clone()), Hold(start.clone()), Hold(evaluation.Gradient.clone()), Hold(evaluation.Loss.clone()));
        (_best, _bestGradient, _bestLoss) = (Hold(start.clone()), Hold(evaluation.Gradient.clone()), Hold(evaluation.Loss.clone()));
        _lastMet = Hold(where(Norm.PerExample(run.Goal.IsMet(evaluation.Logits), start), start, run.Original));
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
        _lastMet.copy_(where(Norm.PerExample(Run.Goal.IsMet(evaluation.Logits), next), next, _lastMet));
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

/// <summary>Auto-PGD in L1: equal steps along the elements with the largest gradients, with exact projection onto ball and bounds.</summary>
/// <remarks>
/// The number of elements that move follows the sparsity of the best point: two thirds of the elements that it changes. Where that number falls by 5 % or
/// more between checks, the step is ε again and the example returns to its best point; elsewhere the step is divided by 1.5, to no less than ε/10.
/// Source: Croce and Hein 2021 (Mind the box), algorithm 1, without momentum.
/// </remarks>
internal sealed class ApgdL1 : ApgdState
{
    private const double Denser = 1.5, Shrinking = 0.95, SmallestStep = 0.1;
    private readonly Tensor _step, _changed;

    internal ApgdL1(AttackRun run, double epsilon, Loss loss, int steps, Tensor start) : base(run, epsilon, loss, start)
    {
        using var scope = NewDisposeScope();
        Interval = Math.Max(1, (int)(0.04 * steps));
        _step = Hold(full_like(LossValue, epsilon));
        _changed = Hold(Changed(start).clone());
    }

    private protected override int Interval { get; }

    private protected override Tensor Next()
    {
        var slope = Gradient.flatten(1);
        var (sorted, _) = slope.abs().sort(1, descending: true);
        var last = (_changed / Denser).ceil().clamp(1, slope.shape[1]).to_type(ScalarType.Int64).sub_(1).unsqueeze(1);
        var direction = where(slope.abs() >= sorted.gather(1, last), slope.sign(), zeros_like(slope));
        direction = direction * (_step / direction.abs().sum(1).clamp_min(1)).unsqueeze(1);
        return L1Box.Nearest(X + direction.view(X.shape), Run.Original, Epsilon, Run.Model.Bounds);
    }

    private protected override void Check(int steps)
    {
        var changed = Changed(Best);
        var sparser = changed < _changed * Shrinking;
        _step.copy_(where(sparser, full_like(_step, Epsilon), (_step / Denser).clamp_min(Epsilon * SmallestStep)));
        _changed.copy_(changed);
        RestoreBest(sparser);
    }

    private Tensor Changed(Tensor x) => Norm.L0.Size(x - Run.Original).to_type(LossValue.dtype);
}
