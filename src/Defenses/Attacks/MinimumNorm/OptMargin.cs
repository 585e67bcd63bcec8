using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>OPTMARGIN: the smallest L2 change that fools the model at the image and at points all around it, against defenses that classify a region.</summary>
/// <remarks>
/// Minimises ‖x′ − x‖² + c·Σᵢ max(0, κ − margin(x′ + vᵢ)) over x′ within the bounds, the distance in units of their range, where v₀ = 0 and the other vᵢ
/// are orthogonal random directions, the same for all images of a run. A success meets the goal at all of these points. Adam, the free variable and the
/// search for c are those of <see cref="CarliniWagner"/>; an example without success keeps its original image. <see cref="AttackResult.Met"/> is about the
/// image alone.
/// Run it on the network behind the region's vote: the vote has no gradient. Source: He, Li and Song 2018 (Decision boundary analysis of adversarial
/// examples). Differs: points around the image are clipped to the bounds, as the region's are; the authors' code computes that and does not use it. The
/// authors' code has the first c at 0.2 and a learning rate of 0.2 on MNIST.
/// </remarks>
/// <param name="Magnitude">The root mean square of a direction's elements, above 0, in the units of the model's bounds. The
/// authors take the half-width of the region, 0.3 on MNIST; uniform points of a cube of half-width r have r/√3.</param>
public sealed record OptMargin(double Magnitude) : Attack
{
    private const long RowsPerPass = 1024;   // bounds the memory

    /// <summary>The root mean square of a direction's elements, above 0, in the units of the model's bounds.</summary>
    public double Magnitude { get; init => field = Require.Positive(value, nameof(Magnitude)); } = Require.Positive(Magnitude, nameof(Magnitude));

    /// <summary>The norm to keep small: L2.</summary>
    public override Norm Norm
    {
        get;
        init => field = value == Norm.L2 ? value : throw new ArgumentException($"Norm must be L2 for this attack; it is {value}.", nameof(Norm));
    } = Norm.L2;

    /// <summary>The number of directions besides the image itself, at least 1; by default 19, the authors' 20 points. An image with fewer
    /// elements has as many directions as elements.</summary>
    public int Directions { get; init => field = Require.AtLeast(value, 1, nameof(Directions)); } = 19;

    /// <summary>κ: the margin by which the goal must be met at every point, 0 or above; by default 0.</summary>
    public double Confidence { get; init => field = Require.NotNegative(value, nameof(Confidence)); }

    /// <summary>The largest number of steps in a round, at least 1; by default 1000.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The number of constants to try, at least 1; by default 4.</summary>
    public int SearchSteps { get; init => field = Require.AtLeast(value, 1, nameof(SearchSteps)); } = 4;

    /// <summary>The first constant c, the weight of logits against the squared distance in units of the range; above 0, by default 1.</summary>
    public double InitialConstant { get; init => field = Require.Positive(value, nameof(InitialConstant)); } = 1;

    /// <summary>Adam's learning rate for the free variable, which has no unit; above 0, by default 0.01.</summary>
    public double LearningRate { get; init => field = Require.Positive(value, nameof(LearningRate)); } = 0.01;

    /// <summary>Whether an example ends a round when its loss stalls, as in <see cref="CarliniWagner.AbortEarly"/>; on by default.</summary>
    public bool AbortEarly { get; init; } = true;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var offsets = Offsets(run.Original, run.Random);
        return new CarliniWagnerL2(Steps, SearchSteps, InitialConstant, LearningRate, AbortEarly)
            .Find(run, (points, goal) => Evaluate(run, offsets, points, goal)).MoveToOuterDisposeScope();
    }

    // A zero direction, then orthogonal directions of the magnitude, by Gram and Schmidt in double precision: (P, …) for images (N, …).
    internal Tensor Offsets(Tensor images, RandomSource random)
    {
        using var scope = NewDisposeScope();
        var (none, elements) = (zeros_like(images.narrow(0, 0, 1)), images.numel() / images.shape[0]);
        var found = new List<Tensor>();
        for (var count = Math.Min(Directions, elements); found.Count < count;)
        {
            var next = random.Normal(none).to_type(ScalarType.Float64).flatten();
            for (var pass = 0; pass < 2; pass++)   // the second pass removes rounding errors of the first
                foreach (var other in found) next = next - other * (next * other).sum();
            found.Add(next / next.square().sum().sqrt());
        }
        var lengths = Magnitude * Math.Sqrt(elements);
        return cat([none, .. found.Select(direction => (direction * lengths).to_type(none.dtype).view(none.shape))]).MoveToOuterDisposeScope();
    }

    // At all points around each image: minus the sum of the hinges with its gradient, and whether all of the points succeed.
    private (LossGradient Gain, Tensor Met) Evaluate(AttackRun run, Tensor offsets, Tensor points, Goal goal)
    {
        using var scope = NewDisposeScope();
        var most = Math.Max(1, RowsPerPass / points.shape[0]);
        Tensor? gradient = null, loss = null, met = null, logits = null;
        for (var start = 0L; start < offsets.shape[0]; start += most)
        {
            var part = Around(run, offsets.narrow(0, start, Math.Min(most, offsets.shape[0] - start)), points, goal);
            gradient = gradient?.add_(part.Gradient) ?? part.Gradient;
            loss = loss?.add_(part.Loss) ?? part.Loss;
            met = met?.logical_and(part.Met) ?? part.Met;
            logits ??= part.Logits.narrow(0, 0, points.shape[0]).clone();   // the image itself
        }
        return (new LossGradient(gradient!, loss!, logits!).MoveToOuterDisposeScope(), met!.MoveToOuterDisposeScope());
    }

    private (Tensor Gradient, Tensor Loss, Tensor Met, Tensor Logits) Around(AttackRun run, Tensor offsets, Tensor points, Goal goal)
    {
        var (several, count) = (offsets.shape[0], points.shape[0]);
        var moved = (points.unsqueeze(0) + offsets.unsqueeze(1)).flatten(0, 1);   // (P, N, …) → (P·N, …)
        var clipped = run.Clip(moved);
        var everywhere = goal.Select(arange(count, dtype: ScalarType.Int64, device: points.device).repeat(several));
        var evaluation = run.Model.ComputeGradient(clipped, logits => (everywhere.Margin(logits) - Confidence).clamp_max(0));
        var met = everywhere.IsMet(evaluation.Logits).logical_and(everywhere.Margin(evaluation.Logits) >= Confidence);
        var gradient = evaluation.Gradient * moved.eq(clipped).to_type(evaluation.Gradient.dtype);   // none where a pixel is clipped
        return (gradient.view([several, .. points.shape]).sum(dim: 0), evaluation.Loss.view(several, count).sum(dim: 0), met.view(several, count).all(0),
            evaluation.Logits);
    }
}
