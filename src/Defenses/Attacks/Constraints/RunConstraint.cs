using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A constraint on the images of one run: the box of each image, and its lattice.</summary>
/// <remarks>
/// Tensors of any part of the batch are accepted, also several copies of it after one another: the ledger of the run knows the examples that are present.
/// </remarks>
internal sealed class RunConstraint : IDisposable
{
    private const int Origin = 0, Lowest = 1, Highest = 2, Free = 3, Level = 4;
    private readonly QueryLedger _ledger;
    private readonly Norm _norm;
    private readonly double _budget;
    private readonly Lattice? _lattice;
    private readonly bool _isFree;
    private readonly Tensor[] _all;     // of all examples, (N, D) each
    private Tensor[] _now;              // of the examples present
    private int[]? _present;

    /// <summary>Binds a constraint to the images of a run.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <param name="x">The images, (N, …), within the bounds.</param>
    /// <param name="bounds">The bounds of the model.</param>
    /// <param name="norm">The norm of the attack.</param>
    /// <param name="epsilon">The budget of the attack; 0 for none.</param>
    /// <param name="ledger">The ledger of the run.</param>
    /// <exception cref="ArgumentException">The constraint does not fit the images or the model, or an image breaks it.</exception>
    internal RunConstraint(Constraint constraint, Tensor x, Bounds bounds, Norm norm, double epsilon, QueryLedger ledger)
    {
        (Source, _norm, _ledger) = (constraint, norm, ledger);
        using var scope = NewDisposeScope();
        var original = x.detach();
        Tensor? level = null;
        if (constraint.Levels is { } levels)
        {
            _lattice = new Lattice(levels, bounds);
            _budget = epsilon / _lattice.Step;
            ConstraintRules.RequireDigits(x);
            level = _lattice.Nearest(original);
            original = _lattice.Values(level);
            ConstraintRules.RequireOnLattice(x, original, _lattice);
        }

        var (origin, lower, upper) = constraint.Box(original, bounds, _lattice);
        var free = lower < upper;
        _isFree = free.all().ToBoolean();
        Tensor[] parts = level is null ? [origin, lower, upper, free] : [origin, lower, upper, free, level];
        Original = origin.contiguous().DetachFromDisposeScope();
        _all = [.. parts.Select(part => part.reshape(x.shape[0], -1).alias().DetachFromDisposeScope())];
        _now = _all;
    }

    /// <summary>The constraint.</summary>
    internal Constraint Source { get; }

    /// <summary>The originals, exactly on the lattice and in the box: (N, …).</summary>
    internal Tensor Original { get; }

    /// <summary>The distance of two levels; 0 without a lattice.</summary>
    internal double Step => _lattice?.Step ?? 0;

    /// <summary>The view of a model that gets only images that satisfy the constraint.</summary>
    internal ModelView Before(ModelView model) => new ConstrainedView(model, this);

    /// <summary>The nearest points in the box: (M, …) → (M, …). Not on the lattice.</summary>
    internal Tensor Clip(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Boxed(Fold(x)).view(x.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The images that satisfy the constraint, near the given points: in the box, on the lattice, and numbers. (M, …) → (M, …).</summary>
    internal Tensor Project(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var folded = Fold(x);
        var origin = _now[Origin];
        var points = where(folded.isnan(), origin, Boxed(folded));
        if (_lattice is null) return points.view(x.shape).MoveToOuterDisposeScope();
        var change = ((points - origin) / _lattice.Step).view(x.shape);
        var whole = LatticeRounding.Whole(change, _norm, _budget).view(folded.shape);
        return _lattice.Values(_now[Level] + whole).view(x.shape).MoveToOuterDisposeScope();
    }

    /// <summary>Directions with 0 at the elements that must not change: (M, …) → (M, …); the same tensor where all may change.</summary>
    internal Tensor Masked(Tensor direction)
    {
        if (_isFree) return direction;
        using var scope = NewDisposeScope();
        var folded = Fold(direction);
        return where(_now[Free], folded, zeros_like(folded)).view(direction.shape).MoveToOuterDisposeScope();
    }

    /// <summary>Directions with 0 at the elements of points that have reached their bound that way: (M, …) → (M, …).</summary>
    internal Tensor Movable(Tensor points, Tensor direction)
    {
        using var scope = NewDisposeScope();
        var folded = Fold(points);
        var free = where(Fold(direction) > 0, folded < _now[Highest], folded > _now[Lowest]).view(points.shape);
        return where(free, direction, zeros_like(direction)).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Masked"/>, for several directions of each point: (M, K, …).</summary>
    internal Tensor MaskedRows(Tensor directions)
    {
        if (_isFree) return directions;
        using var scope = NewDisposeScope();
        var (rows, outputs) = (directions.shape[0], directions.shape[1]);
        var folded = Fold(directions.transpose(0, 1).reshape([outputs * rows, .. directions.shape[2..]]));
        var kept = where(_now[Free], folded, zeros_like(folded)).view([outputs, rows, .. directions.shape[2..]]);
        return kept.transpose(0, 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Forget();
        foreach (var tensor in _all) tensor.Dispose();
        Original.Dispose();
    }

    private Tensor Boxed(Tensor folded) => maximum(minimum(folded, _now[Highest]), _now[Lowest]);

    // (M, …) → (copies, present, D), for the tensors of the examples present.
    private Tensor Fold(Tensor x)
    {
        Select();
        var (present, elements) = (_now[Origin].shape[0], _now[Origin].shape[1]);
        if (x.numel() % (present * elements) != 0)
            throw new InvalidOperationException(
                "The attack queried some of its examples without stating which, so the constraint cannot be applied to them. " +
                "Query a part of the examples within an ActiveBatch or AttackRun.Only.");
        return x.reshape(x.numel() / (present * elements), present, elements);
    }

    private void Select()
    {
        var present = _ledger.Known ?? throw new InvalidOperationException(
            "The attack began a batch of unknown examples, so the constraint cannot be applied to them. Begin it with the examples of its run.");
        if (ReferenceEquals(present, _present)) return;
        Forget();
        _present = present;
        if (present.Length == _ledger.Examples && present.Select((example, row) => example == row).All(same => same)) return;
        using var scope = NewDisposeScope();
        var rows = tensor(present.Select(example => (long)example).ToArray(), device: Original.device);
        _now = [.. _all.Select(part => part.index_select(0, rows).DetachFromDisposeScope())];
    }

    private void Forget()
    {
        if (!ReferenceEquals(_now, _all))
            foreach (var tensor in _now) tensor.Dispose();
        _now = _all;
    }
}
