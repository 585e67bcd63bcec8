using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A black box that answers with a class and nothing else. It has no scores and no gradient.</summary>
/// <remarks>
/// Attacks by decisions (HopSkipJump, BoundaryAttack, Transfer) need no more; attacks by scores run, but see 1 for the class and 0 for all others.
/// A judge counts its decisions.
/// </remarks>
public sealed class DecisionOracle : Oracle
{
    /// <summary>Wraps a function.</summary>
    /// <param name="decide">Images (N, …) to class numbers (N,), of an integral type.</param>
    /// <param name="bounds">The valid range of the images.</param>
    /// <param name="classes">The number of classes, at least 2.</param>
    /// <param name="isRandom">
    /// Whether equal images may be answered differently; by default false. A function that draws once for a whole batch also needs
    /// <see cref="Oracle.LargestBatch"/> 1, so that draws are independent.
    /// </param>
    public DecisionOracle(Func<Tensor, Tensor> decide, Bounds bounds, long classes, bool isRandom = false)
        : base(decide, nameof(decide), bounds, classes, isRandom)
    {
    }

    /// <inheritdoc/>
    public override ModelAnswers Answers => ModelAnswers.Decisions;

    internal override string WithoutGradient =>
        "A DecisionOracle answers with classes and has no gradient. Attack it with attacks that need decisions only (HopSkipJump, BoundaryAttack), " +
        "or with Transfer from a separate network. Square, Nes and Spsa need scores: see ScoreOracle.";

    private protected override Tensor Read(Tensor answer, Tensor x)
    {
        if (answer.dim() != 1 || answer.shape[0] != x.shape[0])
            throw Wrong($"must give one class for each image, shape ({x.shape[0]}); it gave {Require.Shape(answer)}.");
        if (!answer.is_integral()) throw Wrong($"must give whole class numbers; it gave {answer.dtype}. Scores are for a ScoreOracle.");
        var classes = answer.to(ScalarType.Int64, x.device);
        var (low, high) = (classes.min().ToInt64(), classes.max().ToInt64());
        if (low < 0 || high >= Classes) throw Wrong($"must give classes in [0, {Classes}); it gave {(low < 0 ? low : high)}.");
        var index = classes.unsqueeze(1);
        return zeros([x.shape[0], Classes], dtype: x.dtype, device: x.device).scatter_(1, index, ones_like(index, dtype: x.dtype));
    }
}
