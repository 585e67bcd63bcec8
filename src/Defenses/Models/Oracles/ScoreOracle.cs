using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A black box that answers with scores: a service, another runtime, a library. It has no gradient.</summary>
/// <remarks>Every attack that needs scores or decisions runs on it, and so does a judge.</remarks>
public sealed class ScoreOracle : Oracle
{
    // The smallest normal number of single precision: the log of an exact 0 is a finite number, so that differences of scores stay numbers.
    private const double Smallest = 1.1754944e-38;

    /// <summary>Wraps a function.</summary>
    /// <param name="scores">Images (N, …) to scores (N, classes).</param>
    /// <param name="bounds">The valid range of the images.</param>
    /// <param name="classes">The number of classes, at least 2.</param>
    /// <param name="isRandom">
    /// Whether equal images may be answered differently; by default false. A function that draws once for a whole batch also needs
    /// <see cref="Oracle.LargestBatch"/> 1, so that draws are independent.
    /// </param>
    public ScoreOracle(Func<Tensor, Tensor> scores, Bounds bounds, long classes, bool isRandom = false)
        : base(scores, nameof(scores), bounds, classes, isRandom)
    {
    }

    /// <summary>What the scores are: logits by default.</summary>
    public ScoreKind Kind { get; init; }

    /// <inheritdoc/>
    public override ModelAnswers Answers => ModelAnswers.Scores;

    internal override string WithoutGradient =>
        "A ScoreOracle answers with scores and has no gradient. Attack it with attacks that need none (Square, Nes, Spsa, HopSkipJump, BoundaryAttack), " +
        "or with Transfer from a separate network.";

    private protected override Tensor Read(Tensor answer, Tensor x)
    {
        if (answer.dim() != 2 || answer.shape[0] != x.shape[0] || answer.shape[1] != Classes)
            throw Wrong($"must give scores of shape ({x.shape[0]}, {Classes}), a row for each image and a column for each class; " +
                $"it gave {Require.Shape(answer)}.");
        if (!answer.is_floating_point()) throw Wrong($"must give floating point scores; it gave {answer.dtype}. Whole class numbers are for a DecisionOracle.");
        var scores = answer.detach().to(x.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32, x.device);
        if (Kind == ScoreKind.Probabilities) return Logs(scores);
        if (IsFirst && SumsToOne(scores))
            throw Wrong("gives probabilities (each row sums to 1), and attacks need logits. Set Kind = ScoreKind.Probabilities: their logarithms are taken.");
        return ReferenceEquals(scores, answer) ? scores.alias() : scores;
    }

    private Tensor Logs(Tensor probabilities)
    {
        if (probabilities.min().ToDouble() < 0 || probabilities.max().ToDouble() > 1 + 1e-4)
            throw Wrong("must give probabilities in [0, 1]; it gave others. Set Kind = ScoreKind.Logits where the scores are no probabilities.");
        if (IsFirst && !SumsToOne(probabilities) && !probabilities.isnan().any().ToBoolean())
            throw Wrong("must give probabilities, whose rows sum to 1; the first batch has rows that do not. Set Kind = ScoreKind.Logits for other scores.");
        return probabilities.clamp_min(Smallest).log();
    }

    private static bool SumsToOne(Tensor scores) =>
        scores.min().ToDouble() >= 0 && scores.max().ToDouble() <= 1 + 1e-4 && (scores.sum(1) - 1).abs().max().ToDouble() < 1e-3;
}

/// <summary>What the scores of a black box are.</summary>
public enum ScoreKind
{
    /// <summary>Logits, or log-probabilities: any numbers whose softmax are the probabilities.</summary>
    Logits,

    /// <summary>Probabilities, which sum to 1. Their logarithms are the logits: margins and losses are those of the model.</summary>
    /// <remarks>An exact 0 counts as 1e−38.</remarks>
    Probabilities,
}
