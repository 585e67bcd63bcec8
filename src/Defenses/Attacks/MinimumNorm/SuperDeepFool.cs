using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>SuperDeepFool: DeepFool to the boundary, then the projection onto the line along the boundary's normal; a small perturbation in L2.</summary>
/// <remarks>
/// A round: x̃ = DeepFool(x̂); w = the gradient of the margin at x̃; x̂ = x₀ + ⟨x̃ − x₀, w⟩·w/‖w‖², clipped to the bounds; until x̂ meets the goal. The
/// smaller of all x̃ and x̂ that meet it is kept, and moved to the boundary by bisection. Source: Abdollahpour, Moosavi-Dezfooli and Frossard 2023
/// (Revisiting DeepFool), algorithm 1. Differs: the projection is added to x₀, as the geometry asks (both public codes add it to x̂, which is the same in the
/// first round); targeted, too; x̃ counts. An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
public sealed record SuperDeepFool : Attack
{
    private const int FinalSearch = 10;

    /// <summary>The norm to keep small: L2.</summary>
    public override Norm Norm { get; init => field = Norm.Only(Norm.L2, value, nameof(Norm)); } = Norm.L2;

    /// <summary>The largest number of rounds, at least 1; by default 10.</summary>
    public int Rounds { get; init => field = Require.AtLeast(value, 1, nameof(Rounds)); } = 10;

    /// <summary>The largest number of DeepFool's steps in a round, at least 1; by default 100.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 100;

    /// <summary>The distance that DeepFool goes beyond the boundary, as a share of its perturbation; 0 or above, by default 0.02.</summary>
    public double Overshoot { get; init => field = Require.NotNegative(value, nameof(Overshoot)); } = 0.02;

    /// <inheritdoc/>
    public override Knowledge Knowledge => Knowledge.Gradient;

    /// <inheritdoc/>
    public override int? GradientSteps => Steps;

    /// <inheritdoc/>
    /// <remarks>True: it consists of steps of DeepFool.</remarks>
    public override bool NeedsFloat32Gradients => true;

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        effort == AttackEffort.Steps ? this with { Steps = MoreSteps(Steps, factor) } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => SmallestSearch.Find(run, Norm, FinalSearch, Search);

    private void Search(AttackRun run, SmallestAdversarials best)
    {
        using var scope = NewDisposeScope();
        var inner = new DeepFool { Steps = Steps, Overshoot = Overshoot };
        using var state = new PerExampleTensors(run.Original.clone());
        for (var round = 0; round < Rounds; round++)
        {
            run.Step(round, Rounds);
            using var one = NewDisposeScope();
            var reached = run.Of(state[0], run.Goal).Perturb(inner);
            var evaluation = run.Model.ComputeGradient(reached, run.Goal.Margin);
            best.KeepSmaller(reached, evaluation.Logits);
            var normal = Norm.SteepestDirection(evaluation.Gradient);
            var length = ((reached - run.Original) * normal).flatten(1).sum(1);
            state[0] = run.Clip(run.Original + normal * Norm.PerExample(length, normal));
            if (best.KeepSmaller(state[0]).all().ToBoolean()) break;
        }

        run.Step(Rounds, Rounds);
    }
}
