using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>What Auto-PGD keeps of each example: where it is and was, its best point, its step size, and how often its loss rose.</summary>
internal sealed class ApgdState : IDisposable
{
    private readonly AttackRun _run;
    private readonly Norm _norm;
    private readonly double _epsilon;
    private readonly Loss _loss;
    private readonly DisposeScope _scope;
    private readonly Tensor _step, _rises, _bestAtCheck, _reduced;
    private Tensor _x, _previous, _gradient, _lossValue, _best, _bestGradient, _bestLoss, _lastMet;

    internal ApgdState(AttackRun run, Norm norm, double epsilon, Loss loss, Tensor start)
    {
        (_run, _norm, _epsilon, _loss) = (run, norm, epsilon, loss);
        _scope = NewDisposeScope();
        var look = run.Model.ComputeGradient(start, logits => loss.Value(logits, run.Goal));
        (_x, _previous, _gradient, _lossValue) = (start.clone(), start.clone(), look.Gradient, look.Loss);
        (_best, _bestGradient, _bestLoss) = (start.clone(), look.Gradient.clone(), look.Loss.clone());
        var met = Norm.PerExample(run.Goal.IsMet(look.Logits), start);
        _lastMet = where(met, start, run.Original);
        _step = full_like(look.Loss, 2 * epsilon);
        _rises = zeros_like(look.Loss);
        _bestAtCheck = look.Loss.clone();
        _reduced = ones_like(look.Loss, dtype: ScalarType.Bool);
    }

    /// <summary>The point of the largest loss of each example.</summary>
    internal Tensor Best => _best.alias();

    /// <summary>The last point that met the goal; the original where none did.</summary>
    internal Tensor LastMet => _lastMet.alias();

    /// <summary>One step uphill with momentum, and a look at where it led.</summary>
    internal void Advance(double momentum)
    {
        using var scope = NewDisposeScope();
        var (x, original) = (_x, _run.Original);
        var uphill = Project(x + _norm.SteepestDirection(_gradient) * Norm.PerExample(_step, x));
        var next = momentum == 0 ? uphill : Project(x + (uphill - x) * (1 - momentum) + (x - _previous) * momentum);
        var look = _run.Model.ComputeGradient(next, logits => _loss.Value(logits, _run.Goal));
        _rises.add_((look.Loss > _lossValue).to_type(_rises.dtype));
        var better = look.Loss > _bestLoss;
        var mask = Norm.PerExample(better, x);
        _best.copy_(where(mask, next, _best));
        _bestGradient.copy_(where(mask, look.Gradient, _bestGradient));
        _bestLoss.copy_(where(better, look.Loss, _bestLoss));
        _lastMet.copy_(where(Norm.PerExample(_run.Goal.IsMet(look.Logits), x), next, _lastMet));
        _previous.copy_(x);
        _x.copy_(next);
        _gradient.copy_(look.Gradient);
        _lossValue.copy_(look.Loss);

        Tensor Project(Tensor point) => _run.Clip(original + _norm.Project(point - original, _epsilon));
    }

    /// <summary>Halves the step of the examples that make no progress, and sends them back to their best point.</summary>
    /// <param name="enoughRises">An example whose loss rose at most so often since the last check oscillates.</param>
    internal void Check(double enoughRises)
    {
        using var scope = NewDisposeScope();
        var stuck = (_rises <= enoughRises).logical_or(_reduced.logical_not().logical_and(_bestAtCheck >= _bestLoss));
        _reduced.copy_(stuck);
        _bestAtCheck.copy_(_bestLoss);
        _rises.zero_();
        _step.copy_(where(stuck, _step / 2, _step));
        var mask = Norm.PerExample(stuck, _x);
        _x.copy_(where(mask, _best, _x));
        _gradient.copy_(where(mask, _bestGradient, _gradient));
        _lossValue.copy_(where(stuck, _bestLoss, _lossValue));
    }

    /// <summary>Disposes what the state holds.</summary>
    public void Dispose() => _scope.Dispose();
}
