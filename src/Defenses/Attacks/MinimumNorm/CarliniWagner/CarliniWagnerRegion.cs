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
    private const double FirstDecay = 0.9, SecondDecay = 0.999, Tiny = 1e-8, Progress = 0.9999;
    private const int W = 0, Start = 1, Region = 2, Constant = 3, Mean = 4, Variance = 5, Age = 6, Checkpoint = 7;
    private readonly AttackRun _run;
    private readonly CarliniWagner _attack;
    private readonly double _largest;

    private protected CarliniWagnerRegion(AttackRun run, CarliniWagner attack, double largest) => (_run, _attack, _largest) = (run, attack, largest);

    private protected Bounds Bounds => _run.Model.Bounds;

    /// <summary>The first region, a row per example.</summary>
    private protected abstract Tensor FirstRegion(Tensor original);

    /// <summary>The points of the free variables within the region.</summary>
    private protected abstract Tensor Points(Tensor box, Tensor original, Tensor region);

    /// <summary>The cost of a change, (N,), and its slope, (N, …); 0 where variables are not free.</summary>
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
        using var state = Begin(active.Original);
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

    private PerExampleTensors Begin(Tensor x)
    {
        var w = (Centred(x) * 0.999999).atanh();
        var each = zeros([x.shape[0]], dtype: x.dtype, device: x.device);
        return new PerExampleTensors(
            w, w.clone(), FirstRegion(x), each + _attack.InitialConstant, zeros_like(w), zeros_like(w), each.clone(), each + double.PositiveInfinity);
    }

    // One step of every example; returns the rows that remain active, or null if all do.
    private Tensor? Advance(ActiveBatch active, PerExampleTensors state)
    {
        var (original, goal, constant) = (active.Original, active.Goal, state[Constant]);
        var reached = state[W].clone();
        var box = reached.tanh();
        var points = Points(box, original, state[Region]);
        var evaluation = _run.Model.ComputeGradient(points, goal.Margin);
        var change = points - original;
        var (penalty, slope) = Penalty(change, state[Region]);
        var lacking = (_attack.Confidence - evaluation.Loss).clamp_min(0);
        var met = goal.IsMet(evaluation.Logits).logical_and(evaluation.Loss >= _attack.Confidence).logical_and(Fits(change, state[Region]));
        met = _run.Confirm(met, points, goal);
        var over = IsOver(state, penalty + constant * lacking).logical_and(met.logical_not());
        var push = Norm.PerExample(constant * (lacking > 0).to_type(constant.dtype), points);
        Descend(state, (slope - push * evaluation.Gradient) * Free(original, state[Region]) * ((1 - box.square()) * (Bounds.Range / 2)));
        var newRegion = Shrink(state[Region], change, evaluation.Gradient);
        active.Move(where(Norm.PerExample(met, points), points, active.Points));
        state[Region] = where(Norm.PerExample(met, newRegion), newRegion, state[Region]);
        Restart(state, met, over, reached);
        return active.RetireWhere((state[Constant] > _largest).logical_or(Exhausted(state[Region])));
    }

    // Whether a round has used up its steps, or its loss fell by less than 0.01 % over a tenth of them.
    private Tensor IsOver(PerExampleTensors state, Tensor loss)
    {
        state[Age] = state[Age] + 1;
        var over = state[Age] >= _attack.Steps;
        if (!_attack.AbortEarly) return over;
        var checked = state[Age].remainder(Math.Max(1, _attack.Steps / 10)).eq(0);
        over = over.logical_or(checked.logical_and(loss > state[Checkpoint] * Progress));
        state[Checkpoint] = where(checked, loss, state[Checkpoint]);
        return over;
    }

    private void Descend(PerExampleTensors state, Tensor gradient)
    {
        state[Mean].mul_(FirstDecay).add_(gradient, alpha: 1 - FirstDecay);
        state[Variance].mul_(SecondDecay).addcmul_(gradient, gradient, 1 - SecondDecay);
        var mean = state[Mean] / Correction(FirstDecay);
        var deviation = (state[Variance] / Correction(SecondDecay)).sqrt_().add_(Tiny);
        state[W].sub_(mean.div_(deviation).mul_(_attack.LearningRate));

        Tensor Correction(double decay) => Norm.PerExample(1 - (state[Age] * Math.Log(decay)).exp(), gradient);
    }

    // Rows that met the goal continue from there; rows whose round is over start again with twice the constant.
    private static void Restart(PerExampleTensors state, Tensor met, Tensor over, Tensor reached)
    {
        state[Constant] = where(over, state[Constant] * 2, state[Constant]);
        var (metRows, anew) = (Norm.PerExample(met, reached), Norm.PerExample(met.logical_or(over), reached));
        state[Start] = where(metRows, reached, state[Start]);
        state[W] = where(anew, state[Start], state[W]);
        var goesOn = anew.logical_not().to_type(reached.dtype);
        state[Mean] = state[Mean] * goesOn;
        state[Variance] = state[Variance] * goesOn;
        state[Age] = state[Age] * goesOn.flatten();
        state[Checkpoint] = where(met.logical_or(over), full_like(state[Checkpoint], double.PositiveInfinity), state[Checkpoint]);
    }

    private protected Tensor Centred(Tensor x) => (x - (Bounds.Upper + Bounds.Lower) / 2) / (Bounds.Range / 2);
}
