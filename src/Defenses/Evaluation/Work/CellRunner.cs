using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>Runs one attack on one block of images and judges the result.</summary>
internal sealed class CellRunner(EvaluationPlan plan, CancellationToken cancellation)
{
    private EvaluationGrid Evaluation => plan.Evaluation;

    /// <summary>The images of a block without an attack.</summary>
    internal CleanRecord Clean(int defense, long block, Tensor x, Tensor labels)
    {
        var watch = Stopwatch.StartNew();
        var (model, first) = (plan.ModelOf(defense, block), plan.Block(block).First);
        var clean = Judge("clean", defense).Measure(model, x, labels, first, cancellation);
        var again = clean.IsRandom ? Judge("unprovoked", defense).Measure(model, x, labels, first, cancellation) : clean;
        return new CleanRecord([.. clean.Correct], [.. again.Met], watch.Elapsed.TotalSeconds);
    }

    /// <summary>The images of a block under an attack.</summary>
    internal CellRecord Attacked(int defense, int strength, int cell, long block, Tensor x, Tensor labels)
    {
        var watch = Stopwatch.StartNew();
        using var scope = NewDisposeScope();
        var (goal, first) = (Evaluation.Attacks[cell].GoalOf(labels), plan.Block(block).First);
        var constraint = Evaluation.Attacks[cell].Constraint?.Part(first, x, plan.Examples.Count);
        using var result = plan.AttackOf(defense, strength, cell, block).Run(plan.ViewOf(defense, cell, block), x, goal, null, cancellation, constraint);
        var (adversarial, outside) = BudgetEnforcement.Enforce(x, result.Adversarial, Evaluation.Norm, Evaluation.Strengths[strength],
            Evaluation.Defenses[0].Model.Bounds);
        var judgement = Judge("judge", defense, strength, cell)
            .Measure(plan.ModelOf(defense, block), adversarial, labels, goal, first, cancellation);
        return new CellRecord([.. judgement.Correct], [.. judgement.Met], outside, result.Queries.Forward, result.Queries.Backward,
            watch.Elapsed.TotalSeconds, Bytes(adversarial), result.NotAttempted.Count > 0 ? [.. result.NotAttempted] : null,
            result.QueriesPerExample.Count > 0 ? [.. result.QueriesPerExample.Select(passes => passes.Forward + passes.Backward)] : null);
    }

    internal Judge Judge(string purpose, int defense, int? strength = null, int? cell = null) =>
        new(Evaluation.Draws) { Confidence = Evaluation.Confidence, Seed = plan.SeedOf(purpose, defense, strength, cell) };

    /// <summary>The adversarial images of a piece, in shape, dtype and device of the originals.</summary>
    internal static Tensor Adversarial(CellRecord piece, Tensor x)
    {
        using var scope = NewDisposeScope();
        var images = empty(x.shape, dtype: x.dtype, device: CPU);
        piece.Adversarial.AsSpan().CopyTo(images.bytes);
        return images.to(x.device).alias().MoveToOuterDisposeScope();
    }

    /// <summary>Whether a piece read from a file fits the images.</summary>
    internal static bool Fits(CellRecord piece, Tensor x) =>
        piece.Correct.Length == x.shape[0] && piece.Met.Length == x.shape[0] && piece.Adversarial?.LongLength == x.numel() * x.element_size();

    private static byte[] Bytes(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.cpu().contiguous().bytes.ToArray();
    }
}
