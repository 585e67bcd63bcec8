using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The sizes of the blocks of RayS: halves, quarters, and so on down to single elements.</summary>
internal static class RayBlocks
{
    /// <summary>The number of elements of a block of a level, ⌈elements / 2^level⌉.</summary>
    internal static long Size(long elements, int level) => (elements + (1L << level) - 1) >> level;

    /// <summary>The sizes of all levels, the last of which is 1.</summary>
    internal static long[] Sizes(long elements) =>
        [.. Enumerable.Range(0, 62).Select(level => Size(elements, level)).TakeWhile((size, level) => level == 0 || Size(elements, level - 1) > 1)];
}

/// <summary>The search of RayS: in each step one query for each active example, which tries a block or shrinks the radius.</summary>
internal sealed class RaySearch : IDisposable
{
    private const double Precision = 1e-3;   // of the radius
    private const int FarEnd = 0, RadiusNow = 1, NotMetAt = 2, StrideNow = 3, LevelNow = 4, BlockNow = 5, Rejections = 6, IsShrinking = 7;
    private readonly AttackRun _run;
    private readonly ActiveBatch _active;
    private readonly PerExampleTensors _state;
    private readonly long[] _sizes;
    private readonly long _elements;

    /// <summary>Begins at the points of a batch, all of which meet their goals. They are the far ends of the search.</summary>
    internal RaySearch(AttackRun run, ActiveBatch active)
    {
        (_run, _active) = (run, active);
        _elements = run.Original.numel() / run.Original.shape[0];
        _sizes = RayBlocks.Sizes(_elements);
        using var scope = NewDisposeScope();
        var radius = Norm.Linf.Size(active.Points - active.Original);
        var numbers = zeros_like(radius, dtype: ScalarType.Int64);
        _state = new PerExampleTensors(
            active.Points.clone(), radius, zeros_like(radius), full_like(radius, double.PositiveInfinity),
            numbers, numbers - 1, numbers.clone(), ones_like(numbers, dtype: ScalarType.Bool));
    }

    private Tensor Radius => _state[RadiusNow];

    private Tensor Shrinking => _state[IsShrinking];

    private int Last => _sizes.Length - 1;

    /// <summary>One query for each active example.</summary>
    internal void Query()
    {
        using var scope = NewDisposeScope();
        var (x, original, goal) = (_active.Points, _active.Original, _active.Goal);
        var far = where(Tried(), Opposite(), _state[FarEnd]);
        var step = where(Shrinking, minimum(_state[StrideNow], (Radius - _state[NotMetAt]) / 2), Tolerance());
        var probe = (Radius - step).clamp_min(0);
        var limit = Norm.PerExample(probe, x);
        var candidate = _run.Clip(original + maximum(minimum(far - original, limit), -limit));
        var met = _run.Confirm(goal.IsMet(_run.Model.ComputeLogits(candidate)), candidate, goal, isForward: true);
        var each = Norm.PerExample(met, x);
        _active.Move(where(each, candidate, x));
        _state[FarEnd] = where(each, far, _state[FarEnd]);
        Advance(met, probe, step);
        _state.Keep(_active.RetireWhere(_state[Rejections] >= _elements));
    }

    /// <summary>Disposes the state.</summary>
    public void Dispose() => _state.Dispose();

    private Tensor Tolerance() => (Radius * Precision).clamp_min(_run.Resolution);

    // The elements of the present blocks, of the examples that try one: (N, …) bool.
    private Tensor Tried()
    {
        var size = Sizes();
        var first = (_state[BlockNow] * size).unsqueeze(1);
        var places = arange(_elements, dtype: ScalarType.Int64, device: first.device).unsqueeze(0);
        var block = places.ge(first).logical_and(places < first + size.unsqueeze(1));
        return block.logical_and(Shrinking.logical_not().unsqueeze(1)).view(_active.Points.shape);
    }

    private Tensor Sizes() => tensor(_sizes, device: Radius.device).index_select(0, _state[LevelNow]);

    // The other bound of each element. An element that is at its original and cannot rise counts as raised.
    private Tensor Opposite()
    {
        var (far, original, bounds) = (_state[FarEnd], _active.Original, _run.Model.Bounds);
        var raised = (far > original).logical_or(far.eq(original).logical_and(_run.Clip(original + bounds.Range).eq(original)));
        return _run.Clip(where(raised, full_like(far, bounds.Lower), full_like(far, bounds.Upper)));
    }

    private void Advance(Tensor met, Tensor probe, Tensor step)
    {
        var (shrinking, missed) = (Shrinking, met.logical_not());
        var (accepted, rejected) = (met.logical_and(shrinking.logical_not()), missed.logical_and(shrinking.logical_not()));
        var low = where(accepted, zeros_like(probe), where(missed.logical_and(shrinking), probe, _state[NotMetAt]));
        // Steps double while the goal stays met; after the first miss only the interval is halved.
        var stride = where(met, where(accepted, step, _state[StrideNow]) * 2, full_like(step, double.PositiveInfinity));
        var radius = where(met, probe, Radius);
        (_state[RadiusNow], _state[NotMetAt], _state[StrideNow]) = (radius, low, stride);
        var ongoing = shrinking.logical_or(accepted);
        var ended = ongoing.logical_and(radius - low <= Tolerance());
        _state[IsShrinking] = ongoing.logical_and(ended.logical_not());
        var idle = where(met, zeros_like(_state[Rejections]), _state[Rejections] + rejected.to_type(ScalarType.Int64));
        NextBlock(ended.logical_or(rejected), idle);
    }

    // Single elements are rejected one after another before an example is finished, so only the last level counts rejections.
    private void NextBlock(Tensor advances, Tensor idle)
    {
        var block = _state[BlockNow] + advances.to_type(ScalarType.Int64);
        var over = block * Sizes() >= _elements;
        var level = _state[LevelNow];
        _state[Rejections] = where(level.eq(Last), idle, zeros_like(idle));
        _state[BlockNow] = where(over, zeros_like(block), block);
        _state[LevelNow] = (level + over.to_type(ScalarType.Int64)).clamp_max(Last);
    }
}
