using Defenses.Attacks;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Hrs;

/// <summary>PGD and CW-PGD as the authors' code has them: a fixed corner as the start, and Adam with steps of 0.1 of the whole range of a pixel.</summary>
/// <remarks>
/// x₀ = x − min(x, ε); Adam (β 0.9, 0.999) on the sign of the gradient of the cross-entropy, or on the raw gradient of the margin; clipped to the bounds and to ±ε of x
/// after each step. A step of 0.1 is several times ε = 8/255: the iterates jump between faces of the box, and what they miss is reported as robustness.
/// </remarks>
/// <param name="Epsilon">The budget, in the units of the model's bounds.</param>
internal sealed record PublishedPgd(double Epsilon) : Attack
{
    /// <summary>L∞, the only one that the code has.</summary>
    public override Norm Norm { get; init; } = Norm.Linf;

    /// <summary>Whether the margin's raw gradient is taken (CW-PGD) in place of the cross-entropy's sign.</summary>
    public bool OnMargin { get; init; }

    /// <summary>The number of steps.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Adam's rate.</summary>
    public double Rate { get; init; } = 0.1;

    /// <inheritdoc/>
    protected override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        var loss = OnMargin ? Loss.Margin : Loss.CrossEntropy;
        var (x, current) = (run.Original, run.Clip(run.Original - Epsilon));
        var (mean, square) = (zeros_like(x), zeros_like(x));
        for (var step = 1; step <= Steps; step++)
        {
            run.Step(step - 1, Steps);
            using var inner = NewDisposeScope();
            var gradient = run.Model.Gradient(current, logits => loss.Value(logits, run.Goal));
            var direction = OnMargin ? gradient : gradient.sign();
            var (m, v) = (mean * 0.9 + direction * 0.1, square * 0.999 + direction * direction * 0.001);
            var change = m / (1 - Math.Pow(0.9, step)) / ((v / (1 - Math.Pow(0.999, step))).sqrt() + 1e-8) * Rate;
            var next = x + (run.Clip(current + change) - x).clamp(-Epsilon, Epsilon);
            foreach (var old in new[] { current, mean, square }) old.Dispose();
            (current, mean, square) = (next.MoveToOuterDisposeScope(), m.MoveToOuterDisposeScope(), v.MoveToOuterDisposeScope());
        }
        return current.MoveToOuterDisposeScope();
    }
}
