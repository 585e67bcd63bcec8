using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Boundary attack: a small L2 perturbation from decisions only, by a random walk along the boundary towards the original.</summary>
/// <remarks>
/// Starts at any point that meets the goal. A step moves at random on the sphere around the original, then towards the original; it is taken if the
/// goal stays met. Both step sizes of an example adapt to its success rates: half of the spherical steps should succeed, and between a tenth
/// and a quarter of the whole steps. An example is finished when its step towards the original falls below <see cref="Convergence"/>.
/// Source: Brendel, Rauber and Bethge 2018, algorithm 1 and section 2.3. Differs: nothing. On a random view a majority of fresh draws
/// decides about each step. An example without a starting point keeps its original image, and <see cref="AttackResult.NotAttempted"/> names it.
/// </remarks>
public sealed record BoundaryAttack : Attack
{
    private const int Bisections = 10, CheckEvery = 5;

    /// <summary>The norm to keep small: L2.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.L2
            ? value
            : throw new ArgumentException($"Norm must be L2 for this attack; it is {value}. Use HopSkipJump for Linf.", nameof(Norm));
    } = Norm.L2;

    /// <summary>The largest number of steps, at least 1; by default 25,000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 25_000;

    /// <summary>The first spherical step (δ), as a share of the distance to the original; above 0, by default 0.01.</summary>
    public double SphericalStep { get; init => field = Require.Positive(value, nameof(SphericalStep)); } = 0.01;

    /// <summary>The first step towards the original (ε), as a share of the distance; above 0, by default 0.01.</summary>
    public double SourceStep { get; init => field = Require.Positive(value, nameof(SourceStep)); } = 0.01;

    /// <summary>An example is finished when its step towards the original is below this; 0 or above, by default 10⁻⁷.</summary>
    public double Convergence { get; init => field = Require.NotNegative(value, nameof(Convergence)); } = 1e-7;

    /// <summary>The number of random images, and then of other images of the batch, to try as a start; at least 1, by default 50.</summary>
    public int StartTries { get; init => field = Require.AtLeast(value, 1, nameof(StartTries)); } = 50;

    /// <summary>Images to try as a start before all others; none by default (null). Towards a target: images of the target class.</summary>
    public StartImages? Start { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Decisions;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        run.Step(0, Steps);
        using var active = DecisionStart.Find(run, Norm, StartTries, Bisections, Start);
        using var walk = new BoundarySteps(active.Points, SphericalStep, SourceStep);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var (x, original) = (active.Points, active.Original);
            var (onSphere, candidate) = walk.Propose(run, x, original);
            var met = run.IsMet(candidate, active.Goal);
            var nearer = met.logical_and(Norm.Size(candidate - original) < Norm.Size(x - original));
            active.Move(where(Norm.PerExample(nearer, x), candidate, x));
            walk.CountSteps(met);
            if (step % CheckEvery == 0) walk.CountSpherical(run.IsMet(onSphere, active.Goal));
            if (step % CheckEvery == 0) walk.Keep(active.RetireWhere(walk.SourceSteps < Convergence));
        }

        run.Step(Steps, Steps);
        return active.Results().MoveToOuterDisposeScope();
    }
}

/// <summary>The two kinds of steps of the boundary attack, with their sizes for each example.</summary>
internal sealed class BoundarySteps : IDisposable
{
    private const double Adaptation = 1.5, Tiny = 1e-12;
    private readonly PerExampleTensors _sizes;
    private readonly SuccessWindow _spherical, _whole;

    internal BoundarySteps(Tensor points, double spherical, double source)
    {
        var none = zeros([points.shape[0]], dtype: points.dtype, device: points.device);
        _sizes = new PerExampleTensors(full_like(none, spherical), full_like(none, source));
        (_spherical, _whole) = (new SuccessWindow(none, 20), new SuccessWindow(none, 30));
    }

    /// <summary>The sizes of the steps towards the original, (N,), as shares of the distance.</summary>
    internal Tensor SourceSteps { get => _sizes[1]; private set => _sizes[1] = value; }

    private Tensor SphericalSteps { get => _sizes[0]; set => _sizes[0] = value; }

    /// <summary>Points on the sphere around the originals, and the points after the step from there towards the originals: (N, …) each.</summary>
    internal (Tensor OnSphere, Tensor Candidate) Propose(AttackRun run, Tensor x, Tensor original)
    {
        using var scope = NewDisposeScope();
        var towards = (original - x).flatten(1);
        var distance = Length(towards);
        var unit = towards / distance.clamp_min(Tiny);
        var random = run.Masked(run.Random.Normal(towards));
        var orthogonal = random - unit * (random * unit).sum(1, keepdim: true);
        var step = orthogonal / Length(orthogonal).clamp_min(Tiny) * (SphericalSteps.unsqueeze(1) * distance);
        // Back onto the sphere: the step makes the distance longer by √(1 + δ²).
        var onSphere = run.Clip(original.flatten(1) + (step - towards) / (SphericalSteps.square() + 1).sqrt().unsqueeze(1));
        var back = original.flatten(1) - onSphere;
        var now = Length(back).clamp_min(Tiny);
        var length = (SourceSteps.unsqueeze(1) * distance + now - distance).clamp_min(0);
        var candidate = run.Clip(onSphere + back * (length / now));
        return (onSphere.view(x.shape).MoveToOuterDisposeScope(), candidate.view(x.shape).MoveToOuterDisposeScope());
    }

    /// <summary>Counts whole steps that stayed adversarial, (N,) bool, and adapts the step towards the original.</summary>
    internal void CountSteps(Tensor met)
    {
        using var scope = NewDisposeScope();
        var (rate, full) = _whole.Count(met);
        SourceSteps = Adapted(SourceSteps, full, rate, least: 0.1, most: 0.25);
    }

    /// <summary>Counts spherical steps that stayed adversarial, (N,) bool, and adapts both steps.</summary>
    internal void CountSpherical(Tensor met)
    {
        using var scope = NewDisposeScope();
        var (rate, full) = _spherical.Count(met);
        SphericalSteps = Adapted(SphericalSteps, full, rate, least: 0.2, most: 0.5);
        SourceSteps = Adapted(SourceSteps, full, rate, least: 0.2, most: 0.5);
    }

    /// <summary>Keeps only the given rows; null keeps all.</summary>
    internal void Keep(Tensor? rows)
    {
        _sizes.Keep(rows);
        _spherical.Keep(rows);
        _whole.Keep(rows);
    }

    /// <summary>Disposes the state.</summary>
    public void Dispose()
    {
        _sizes.Dispose();
        _spherical.Dispose();
        _whole.Dispose();
    }

    // Where a window is full: longer steps above the highest rate, shorter ones below the lowest.
    private static Tensor Adapted(Tensor size, Tensor full, Tensor rate, double least, double most)
    {
        var longer = full.logical_and(rate > most);
        var shorter = full.logical_and(rate < least);
        return where(longer, size * Adaptation, where(shorter, size / Adaptation, size));
    }

    private static Tensor Length(Tensor flat) => flat.square().sum(1, keepdim: true).sqrt();

    /// <summary>The success rate of each example over windows of a fixed number of steps.</summary>
    private sealed class SuccessWindow(Tensor none, int length) : IDisposable
    {
        private readonly PerExampleTensors _counts = new(none.clone(), none.clone());

        private Tensor Met { get => _counts[0]; set => _counts[0] = value; }

        private Tensor Tried { get => _counts[1]; set => _counts[1] = value; }

        /// <summary>The success rate, (N,), and whether the window is full, (N,) bool; a full window starts again.</summary>
        internal (Tensor Rate, Tensor Full) Count(Tensor met)
        {
            (Met, Tried) = (Met + met.to_type(Met.dtype), Tried + 1);
            var (rate, full) = (Met / Tried, Tried >= length);
            var rest = full.logical_not().to_type(Met.dtype);
            (Met, Tried) = (Met * rest, Tried * rest);
            return (rate, full);
        }

        internal void Keep(Tensor? rows) => _counts.Keep(rows);

        public void Dispose() => _counts.Dispose();
    }
}
