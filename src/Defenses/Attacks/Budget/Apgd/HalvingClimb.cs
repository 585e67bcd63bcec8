using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Auto-PGD in L2 and L∞: steps with momentum, from 2ε on halved where the loss stops rising (Croce and Hein 2020, algorithm 1).</summary>
internal sealed class HalvingClimb : ApgdClimb
{
    private const double Momentum = 0.25, RisingShare = 0.75;
    private readonly Norm _norm;
    private readonly int _steps;
    private readonly Tensor _step, _rises, _bestAtCheck, _reduced;
    private int _interval;
    private bool _moved;

    internal HalvingClimb(AttackRun run, Norm norm, double epsilon, Loss loss, int steps, Tensor start) : base(run, epsilon, loss, start)
    {
        (_norm, _steps, _interval) = (norm, steps, Math.Max(1, (int)(0.22 * steps)));
        _step = full_like(LossValue, 2 * epsilon);
        _rises = zeros_like(LossValue);
        _bestAtCheck = LossValue.clone();
        _reduced = ones_like(LossValue, dtype: ScalarType.Bool);
    }

    private protected override int Interval => _interval;

    private protected override Tensor Next()
    {
        var uphill = Project(X + _norm.SteepestDirection(Gradient) * Norm.PerExample(_step, X));
        var next = _moved ? Project(X + (uphill - X) * (1 - Momentum) + (X - Previous) * Momentum) : uphill;
        _moved = true;
        return next;
    }

    private protected override void Saw(Tensor loss) => _rises.add_((loss > LossValue).to_type(_rises.dtype));

    // Halves the step of the examples whose loss oscillates or stands still.
    private protected override void Check(int steps)
    {
        var stuck = (_rises <= steps * RisingShare).logical_or(_reduced.logical_not().logical_and(_bestAtCheck >= BestLoss));
        _reduced.copy_(stuck);
        _bestAtCheck.copy_(BestLoss);
        _rises.fill_(0);
        _step.copy_(where(stuck, _step / 2, _step));
        Return(stuck);
        _interval = Math.Max(_interval - Math.Max(1, (int)(0.03 * _steps)), Math.Max(1, (int)(0.06 * _steps)));
    }

    private Tensor Project(Tensor point) => Run.Clip(Run.Original + _norm.Project(point - Run.Original, Epsilon));
}
