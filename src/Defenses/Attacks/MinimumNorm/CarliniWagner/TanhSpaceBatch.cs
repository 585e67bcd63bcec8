using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Points of the box as tanh of free variables, moved by Adam (Kingma and Ba 2015); starts at the original images.</summary>
internal sealed class TanhSpaceBatch : IDisposable
{
    private readonly double _middle, _half, _rate;
    private readonly ActiveGoal _goal;
    private readonly PerExampleTensors _state;   // rows, constants, w, reference
    private readonly AdamDirection _adam;
    private readonly QueryLedger.Batch? _batch;

    internal TanhSpaceBatch(AttackRun run, Tensor constants, double rate)
    {
        var (bounds, x) = (run.Model.Bounds, run.Original);
        (_middle, _half, _rate) = ((bounds.Upper + bounds.Lower) / 2, bounds.Range / 2, rate);
        _goal = new ActiveGoal(run.Goal);
        using var scope = NewDisposeScope();
        var w = ((x - _middle) / _half * 0.999999).atanh();
        _state = new PerExampleTensors(
            arange(x.shape[0], dtype: ScalarType.Int64, device: x.device), constants.clone(), w, w.tanh() * _half + _middle);
        _adam = new AdamDirection(w);
        _batch = run.Enter(x.shape[0]);
    }

    /// <summary>The number of active examples.</summary>
    internal long Count => Rows.shape[0];

    /// <summary>The numbers of the active examples in the batch.</summary>
    internal Tensor Rows => _state[0];

    /// <summary>The constants c, (Count,).</summary>
    internal Tensor Constants => _state[1];

    /// <summary>The goal of the active examples.</summary>
    internal Goal Goal => _goal.Value;

    /// <summary>The points of the active examples, (Count, …), within the bounds.</summary>
    internal Tensor Points() => _state[2].tanh().mul_(_half).add_(_middle);

    /// <summary>‖x′ − x‖² of each in units of the bounds' range, (Count,).</summary>
    internal Tensor SquaredDistance(Tensor points) => ((points - _state[3]) / (2 * _half)).square().flatten(1).sum(1);

    /// <summary>One step of Adam that descends ‖x′ − x‖² − c·gain, the distance in units of the range, from the gain's gradient at x′.</summary>
    internal void Step(Tensor points, Tensor gainGradient)
    {
        var slope = (points - _state[3]).mul_(2 / (4 * _half * _half)).sub_(gainGradient * Norm.PerExample(Constants, gainGradient));
        // dx′/dw = half·(1 − tanh²)
        var gradient = slope.mul_(((points - _middle) / _half).square().neg_().add_(1).mul_(_half));
        _state[2].sub_(_adam.Next(gradient).mul_(_rate));
    }

    /// <summary>Removes all but the given rows.</summary>
    internal void Keep(Tensor rows)
    {
        _state.Keep(rows);
        _adam.Keep(rows);
        _goal.Keep(rows);
        _batch?.Keep(rows);
    }

    /// <summary>Disposes the tensors of the batch.</summary>
    public void Dispose()
    {
        _state.Dispose();
        _adam.Dispose();
        _goal.Dispose();
        _batch?.Dispose();
    }
}
