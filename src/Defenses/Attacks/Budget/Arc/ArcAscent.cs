using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The ascent from one start of ARC: the change of each example and the expected share of members that it fools.</summary>
internal sealed class ArcAscent : IDisposable
{
    private const double Tiny = 1e-10;
    private readonly AttackRun _run;
    private readonly Arc _attack;
    private readonly ActiveBatch _active;
    private readonly PerExampleTensors _state;
    private readonly int[] _order;

    /// <summary>The share that counts as all members, with room for rounding.</summary>
    internal const double All = 1 - 1e-6;

    internal ArcAscent(AttackRun run, Arc attack, Tensor change)
    {
        (_run, _attack) = (run, attack);
        var shares = run.Model.MemberShares;
        _order = [.. Enumerable.Range(0, shares.Count).OrderByDescending(member => shares[member])];
        var start = Within(run.Original, run.Original + change);
        var fooled = Share(run, start, run.Goal);
        _active = new ActiveBatch(run, start);
        _state = new PerExampleTensors(fooled);
        Retire();
    }

    /// <summary>The number of examples that do not fool every member yet.</summary>
    internal long Count => _active.Count;

    private Tensor Fooled { get => _state[0]; set => _state[0] = value; }

    private double Eta => _attack.StepSize ?? _attack.Epsilon;

    /// <summary>The probability that a random member is fooled, (N,); for a single random model, the share of fresh draws.</summary>
    internal static Tensor Share(AttackRun run, Tensor x, Goal goal)
    {
        var shares = run.Model.MemberShares;
        if (shares.Count == 1) return run.Share(x, goal);
        using var scope = NewDisposeScope();
        var logits = run.Model.ComputeMemberLogits(x);   // (members, N, classes)
        var total = zeros([x.shape[0]], dtype: x.dtype, device: x.device);
        for (var member = 0; member < shares.Count; member++)
            total.add_(goal.IsMet(logits.select(0, member)).to_type(x.dtype), alpha: shares[member]);
        return total.MoveToOuterDisposeScope();
    }

    /// <summary>One step: a local change through the members, then accepted or rejected.</summary>
    internal void Advance(int step)
    {
        using var scope = NewDisposeScope();
        var visited = Math.Min(_attack.MembersPerStep ?? _order.Length, _order.Length);
        var (points, original) = (_active.Points, _active.Original);
        var (local, share) = (zeros_like(points), Fooled.alias());
        for (var number = 0; number < visited; number++)
        {
            var member = _order[((long)step * visited + number) % _order.Length];
            var candidate = Turn(member, points, local, first: number == 0);
            var fooled = Share(_run, Within(original, points + candidate), _active.Goal);
            local = where(Norm.PerExample(fooled >= share, local), candidate, local);
            share = maximum(share, fooled);
        }

        var next = Within(original, points + local);
        var reached = Share(_run, next, _active.Goal);
        var kept = reached >= Fooled;
        _active.Move(where(Norm.PerExample(kept, next), next, points));
        Fooled = maximum(reached, Fooled);
        Retire();
    }

    /// <summary>The points of all examples.</summary>
    internal Tensor Results() => _active.Results();

    /// <summary>Disposes the tensors of the ascent.</summary>
    public void Dispose()
    {
        _active.Dispose();
        _state.Dispose();
    }

    // Turns the local change towards the nearest boundary of a member, far enough to lie beyond it after scaling to size η.
    private Tensor Turn(int member, Tensor points, Tensor local, bool first)
    {
        var (goal, range) = (_active.Goal, _run.Model.Bounds.Range);
        var at = Within(_active.Original, points + local);
        var (jacobian, logits) = _run.Model.ComputeMemberJacobian(member, at, answers => LinearBoundary.Leads(
            answers, goal, LinearBoundary.NearestClasses(_attack.TopClasses - 1, answers.shape[1])));
        var boundary = LinearBoundary.Nearest(jacobian, logits, goal, _attack.Norm, range);
        var missing = -boundary.Gap / (boundary.Size + Tiny / range);                                     // from here to the boundary
        var fromMiddle = missing + (boundary.Normal * (at - points).flatten(1)).sum(1) / (boundary.Size + Tiny / range);
        var far = full_like(missing, Eta);
        var length = first ? far : where(
            fromMiddle < Eta,
            missing.clamp_min(0) * Eta / (Eta - fromMiddle).clamp_min(Tiny * range) + _attack.Overshoot * _attack.Epsilon,
            far);
        var turned = local + _attack.Norm.SteepestDirection(boundary.Normal).view(local.shape) * Norm.PerExample(length, local);
        return turned * Norm.PerExample(Eta / _attack.Norm.Size(turned).clamp_min(Tiny * range), local);
    }

    private void Retire() => _state.Keep(_active.RetireWhere(Fooled >= All));

    private Tensor Within(Tensor original, Tensor points) => _run.Clip(original + _attack.Norm.Project(points - original, _attack.Epsilon));
}
