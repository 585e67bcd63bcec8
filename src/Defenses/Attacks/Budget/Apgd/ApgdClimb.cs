using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>One climb of Auto-PGD: where each example is and was, its best point, and the last that met the goal. A leaf says how to step.</summary>
internal abstract class ApgdClimb : IDisposable
{
    private readonly Loss _loss;
    private readonly DisposeScope _scope;
    private readonly Tensor _best, _bestGradient, _bestLoss, _lastMet;
    private int _sinceCheck;

    private protected ApgdClimb(AttackRun run, double epsilon, Loss loss, Tensor start)
    {
        (Run, Epsilon, _loss) = (run, epsilon, loss);
        using var look = Look(start);   // may throw, so before the scope is opened
        _scope = NewDisposeScope();
        (X, Previous, Gradient, LossValue) = (start.clone(), start.clone(), look.Gradient.clone(), look.Loss.clone());
        (_best, _bestGradient, _bestLoss) = (start.clone(), look.Gradient.clone(), look.Loss.clone());
        _lastMet = where(Norm.PerExample(run.Goal.IsMet(look.Logits), start), start, run.Original);
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

    /// <summary>After how many steps to look at the progress again.</summary>
    private protected abstract int Interval { get; }

    /// <summary>One step uphill, and a look at where it led.</summary>
    internal void Advance()
    {
        using var scope = NewDisposeScope();
        var next = Next();
        var look = Look(next);
        Saw(look.Loss);
        var better = look.Loss > _bestLoss;
        var mask = Norm.PerExample(better, next);
        _best.copy_(where(mask, next, _best));
        _bestGradient.copy_(where(mask, look.Gradient, _bestGradient));
        _bestLoss.copy_(where(better, look.Loss, _bestLoss));
        _lastMet.copy_(where(Norm.PerExample(Run.Goal.IsMet(look.Logits), next), next, _lastMet));
        Previous.copy_(X);
        X.copy_(next);
        Gradient.copy_(look.Gradient);
        LossValue.copy_(look.Loss);
        if (++_sinceCheck < Interval) return;
        Check(_sinceCheck);
        _sinceCheck = 0;
    }

    /// <summary>Where the next step leads, within the ball and the bounds.</summary>
    private protected abstract Tensor Next();

    /// <summary>The loss where a step led, before it is recorded.</summary>
    private protected virtual void Saw(Tensor loss) { }

    /// <summary>Adapts the steps to the progress since the last check.</summary>
    /// <param name="steps">Steps since then.</param>
    private protected abstract void Check(int steps);

    /// <summary>Sends the examples of a mask, (N,) bool, back to their best point.</summary>
    private protected void Return(Tensor back)
    {
        var mask = Norm.PerExample(back, X);
        X.copy_(where(mask, _best, X));
        Gradient.copy_(where(mask, _bestGradient, Gradient));
        LossValue.copy_(where(back, _bestLoss, LossValue));
    }

    /// <summary>Disposes what the climb holds.</summary>
    public void Dispose() => _scope.Dispose();

    private LossGradient Look(Tensor x) => Run.Model.ComputeGradient(x, logits => _loss.Value(logits, Run.Goal));
}
