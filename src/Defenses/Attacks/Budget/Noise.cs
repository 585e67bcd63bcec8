using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Random perturbations of size ε, independent of the model: a control that every real attack must beat.</summary>
/// <remarks>Of several tries each example keeps the best. Source: Carlini et al. 2019, section 5 ("random noise").</remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record Noise(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The norm of the budget; by default L∞.</summary>
    public override Norm Norm { get; init => field = Require.NotNull(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The distribution of the perturbation; by default uniform in the ball.</summary>
    public NoiseKind Kind
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Kind), value, "Kind must be a known kind of noise.");
    } = NoiseKind.Uniform;

    /// <summary>The number of perturbations to try, at least 1; by default 10.</summary>
    public int Tries { get; init => field = Require.AtLeast(value, 1, nameof(Tries)); } = 10;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.None;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Restarts ? this with { Tries = factor * Tries } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        // A part of an element is none. A budget of 0 asks for no change.
        if (Norm == Norm.L0 && Epsilon > 0) Require.AtLeast(Epsilon, 1, nameof(Epsilon));
        return BestPerExample.Find(run, Loss.Margin, Tries, number =>
        {
            run.Step(number, Tries);
            return run.Clip(run.Original + Norm.Project(Draw(run), Epsilon));
        });
    }

    private Tensor Draw(AttackRun run)
    {
        var x = run.Original;
        if (Kind == NoiseKind.Uniform) return Norm.RandomPoint(x, Epsilon, run.Random);
        if (Kind == NoiseKind.SaltAndPepper) return SaltAndPepper(run);
        var normal = run.Masked(run.Random.Normal(x));
        return normal / Norm.PerExample(Norm.Size(normal).clamp_min(1e-12), x) * Epsilon;
    }

    // Sets elements in random order to a random bound, as long as the perturbation stays within the budget.
    private Tensor SaltAndPepper(AttackRun run)
    {
        var flat = run.Original.flatten(1);
        var bounds = run.Model.Bounds;
        var change = run.Masked(run.Random.Bernoulli(0.5, flat) * bounds.Range + bounds.Lower - flat);
        var order = run.Random.Uniform(flat).argsort(1);
        var sorted = change.gather(1, order);
        var size = Norm == Norm.Linf ? sorted.abs()
            : Norm == Norm.L2 ? sorted.square().cumsum(1).sqrt()
            : Norm == Norm.L1 ? sorted.abs().cumsum(1)
            : Norm == Norm.L0 ? sorted.ne(0).to_type(flat.dtype).cumsum(1)
            : throw new InvalidOperationException($"Salt and pepper noise knows L0, L1, L2 and Linf; the norm is {Norm}. Use NoiseKind.Uniform.");
        var kept = sorted * (size <= Epsilon).to_type(flat.dtype);
        return zeros_like(flat).scatter_(1, order, kept).view(run.Original.shape);
    }
}

/// <summary>The distribution of a noise attack.</summary>
public enum NoiseKind
{
    /// <summary>Normal numbers, scaled to size ε in the norm.</summary>
    Gaussian,

    /// <summary>A point from the uniform distribution on the ball of radius ε.</summary>
    Uniform,

    /// <summary>Elements at the lower or upper bound, as many as fit into a change of size ε.</summary>
    SaltAndPepper,
}
