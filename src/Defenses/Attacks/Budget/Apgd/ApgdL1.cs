using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

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
