using System.Globalization;
using System.Text;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>PGD for transfer: steps along a momentum of gradients, which may be means over neighbours and over changed copies of the images.</summary>
/// <remarks>
/// m ← μ·m + g/mean|g|, x ← clip(P(x + α·d(m))), where d is the steepest direction of the norm and g the gradient at x, or with Nesterov at x + α·μ·m.
/// The parts combine freely: <see cref="Neighbors"/> replaces g by an estimate from points around x; <see cref="Transforms"/> changes the images in front of
/// the model. The last iterate is the result; on restarts the best on the surrogate. Use it within <see cref="Transfer"/>, on <see cref="Surrogates"/> if
/// there are several models. Source: Dong et al. 2018 (MI-FGSM), Lin et al. 2020 (NI-FGSM); the parts name theirs. Differs: the gradient is divided by its mean
/// absolute value, as in public code, not by its L1 norm, with which the look-ahead of Nesterov would be next to nothing; a gradient of 0 adds nothing.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds and of the norm; 0 or above.</param>
public sealed record TransferPgd(double Epsilon) : BudgetAttack(Epsilon)
{
    /// <summary>The loss to maximise; by default cross-entropy. For targets <see cref="Loss.Logit"/> leads further.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.CrossEntropy;

    /// <summary>The number of steps, at least 1; by default 20.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 20;

    /// <summary>The size of a step in the norm, above 0; by default (null) ε/10.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>The share μ of the momentum that is kept in each step, from 0 (none) to 1; by default 1.</summary>
    public double Momentum { get; init => field = Require.Within(value, 0, 1, nameof(Momentum)); } = 1;

    /// <summary>Whether gradients are taken one step ahead along the momentum; off by default. In norms other than L∞ the step ahead is as long as its
    /// mean absolute value times α·μ in the norm.</summary>
    public bool Nesterov { get; init; }

    /// <summary>How the gradient is estimated from points around the image; null for the gradient at the image itself.</summary>
    public NeighborGradient? Neighbors { get; init; } = new ExpectedFlatness();

    /// <summary>Changes of the images in front of the model, first to last; by default none. They need the rank that each names.</summary>
    public IReadOnlyList<InputTransform> Transforms
    {
        get;
        init => field = Require.NotNull(value, nameof(Transforms)).Any(transform => transform is null)
            ? throw new ArgumentException("Transforms must not contain null.", nameof(Transforms))
            : [.. value];
    } = [];

    /// <summary>The number of ascents, at least 1; by default 1.</summary>
    public int Restarts { get; init => field = Require.AtLeast(value, 1, nameof(Restarts)); } = 1;

    /// <summary>Whether an ascent starts at a random point of the ball or (default) at the image.</summary>
    public bool RandomStart { get; init; }

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Loss == Loss.CrossEntropy;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { StepSize = null };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => effort switch
    {
        AttackEffort.Steps => this with { Steps = MoreSteps(Steps, factor) },
        AttackEffort.Restarts when RandomStart => this with { Restarts = factor * Restarts },
        _ => null,
    };

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        var seen = Transforms.Count == 0 ? run
            : run.Through(model => new TransformedInputs(model, Transforms, (ulong)run.Random.Index(long.MaxValue)));
        var step = StepSize ?? Epsilon / 10;
        var ascent = new MomentumAscent(new ProjectedAscent(Norm, Epsilon, step, Steps, Loss, StopEarly: false), Momentum, Nesterov, Neighbors);
        return BestPerExample.Find(run, Loss, Restarts, restart => ascent.Ascend(seen, RandomStart, restart * (long)Steps, Restarts * (long)Steps));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder($"{nameof(TransferPgd)} {{ ");
        Print(text);
        return text.Append(CultureInfo.InvariantCulture, $", Transforms = [{string.Join(", ", Transforms)}] }}").ToString();
    }

    private void Print(StringBuilder builder)
    {
        base.PrintMembers(builder);
        builder.Append(CultureInfo.InvariantCulture,
            $", Loss = {Loss}, Steps = {Steps}, StepSize = {StepSize}, Momentum = {Momentum}, Nesterov = {Nesterov}, ");
        builder.Append(CultureInfo.InvariantCulture, $"Neighbors = {Neighbors}, Restarts = {Restarts}, RandomStart = {RandomStart}");
    }
}
