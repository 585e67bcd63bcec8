using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Decides what an adversarial example is worth: by K fresh draws of the deployed model, from a stream that no attacker has seen.</summary>
/// <remarks>
/// Examples are judged in blocks of <see cref="BlockSize"/> with fixed boundaries by global index, each from the stream hash(seed, block), so
/// that batch size, shards and resuming change no verdict. Every example has draws of its own; a network with a layer that draws once for a
/// whole batch is therefore asked about one example at a time. A deterministic model is asked once.
/// Source: Carlini et al. 2019, "properly ensemble over randomness".
/// </remarks>
public sealed class Judge
{
    /// <summary>The number of examples in a block.</summary>
    public const int BlockSize = 20;

    private const int DrawsAtOnce = 60;   // bounds the memory of the logits

    /// <summary>A judge by <paramref name="draws"/> draws, at least 1. Few draws make majority and worst of k coarse; 100 are usual.</summary>
    public Judge(int draws) => Draws = Require.AtLeast(draws, 1, nameof(draws));

    /// <summary>K, the number of draws of each example.</summary>
    public int Draws { get; }

    /// <summary>The seed of the judge's stream; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The confidence of the intervals, between 0 and 1; by default 0.95.</summary>
    public double Confidence { get; init => field = Statistics.Confidence.Check(value, nameof(Confidence)); } = Statistics.Confidence.Default;

    /// <summary>How often the images are recognised, and (success) how often they are not.</summary>
    /// <inheritdoc cref="Measure(Classifier, Tensor, Tensor, Goal, long, CancellationToken)"/>
    public Judgement Measure(Classifier model, Tensor x, Tensor labels, long firstIndex = 0, CancellationToken cancellation = default) =>
        Measure(model, x, labels, Goal.Avoid(Require.NotNull(labels, nameof(labels))), firstIndex, cancellation);

    /// <summary>How often the images are recognised, and how often they meet the goal.</summary>
    /// <param name="model">The deployed model, in evaluation mode.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="goal">What an attacker wanted of each.</param>
    /// <param name="firstIndex">The global index of the first image, 0 or above, when x is a part of a larger set; 0 by default.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, gives no logits, or draws outside of its stochastic layers.</exception>
    public Judgement Measure(Classifier model, Tensor x, Tensor labels, Goal goal, long firstIndex = 0, CancellationToken cancellation = default)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        Require.NotNull(labels, nameof(labels));
        Require.NotNull(goal, nameof(goal));
        Require.AtLeast(firstIndex, 0, nameof(firstIndex));
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var seed = Seed ?? Seeds.Unpredictable();
        using var streams = model.LendStreams(seed);
        RequireAnswers(model, x);
        Require.Labels(labels, x.shape[0], model.Classes, nameof(labels));
        Require.Labels(goal.Classes, x.shape[0], model.Classes, nameof(goal));
        var pass = new JudgingPass(model, x, labels, goal, Draws, DrawsAtOnce, cancellation);
        for (long row = 0, rows = x.shape[0]; row < rows;)
        {
            var (block, offset) = Math.DivRem(firstIndex + row, (long)BlockSize);
            var count = Math.Min(BlockSize - offset, rows - row);
            if (pass.OneByOne) pass.CountOneByOne(seed, firstIndex, row, count);
            else pass.CountBlock(Seeds.Combine(seed, block), row, count, offset);
            row += count;
        }
        return new Judgement(this, seed, pass.IsRandom, pass.Correct, pass.Met);
    }

    // Also makes the number of classes known.
    private static void RequireAnswers(Classifier model, Tensor x)
    {
        using var scope = NewDisposeScope();
        var one = x.narrow(0, 0, 1);
        var (first, second) = (model.ComputeLogits(one), model.ComputeLogits(one));
        if (model.IsRandom || !((first - second).abs() > 1e-3 * (1 + first.abs())).any().ToBoolean()) return;
        throw new InvalidOperationException(
            "The network answers the same image differently, although none of its active layers is a StochasticLayer, so its draws cannot be " +
            "counted. Derive the layer that draws from StochasticLayer, or call eval() on it.");
    }
}

/// <summary>One judge's counting of one batch of images.</summary>
internal sealed class JudgingPass(Classifier model, Tensor x, Tensor labels, Goal goal, int draws, int atOnce, CancellationToken cancellation)
{
    /// <summary>Whether the model draws.</summary>
    internal bool IsRandom { get; } = model.IsRandom;

    /// <summary>Whether examples would share draws if they stood in one batch.</summary>
    internal bool OneByOne { get; } = model.IsRandom && !DrawFolding.Possible(model.Network);

    internal int[] Correct { get; } = new int[x.shape[0]];

    internal int[] Met { get; } = new int[x.shape[0]];

    /// <summary>Judges a part of a block at its place in the block; the rest of the block is filled up, so that the part draws its own numbers.</summary>
    internal void CountBlock(ulong seed, long row, long count, long offset)
    {
        var rows = new long[Judge.BlockSize];
        Array.Fill(rows, row);
        for (var i = 0; i < count; i++) rows[offset + i] = row + i;
        CountDraws(seed, rows, (int)offset, (int)count);
    }

    /// <summary>Judges examples one at a time, each from a stream of its own.</summary>
    internal void CountOneByOne(ulong seed, long firstIndex, long row, long count)
    {
        for (var i = row; i < row + count; i++) CountDraws(Seeds.Combine(Seeds.Combine(seed, "example"), firstIndex + i), [i], 0, 1);
    }

    private void CountDraws(ulong seed, long[] rows, int offset, int count)
    {
        using var scope = NewDisposeScope();
        using var streams = model.Network.LendStreams(seed);
        var index = tensor(rows, device: x.device);
        var images = x.index_select(0, index);
        var passes = IsRandom ? draws : 1;
        for (var done = 0; done < passes; done += atOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var fold = Math.Min(atOnce, passes - done);
            var (correct, met) = Verdicts(images, model.ComputeLogits(images, fold), index.expand(fold, rows.Length).flatten());
            Add(Correct, correct, fold, rows, offset, count);
            Add(Met, met, fold, rows, offset, count);
        }
    }

    // Images (rows, …), logits (draws, rows, classes), index (draws·rows,) → two of (draws·rows,) bool. A model that answers NaN recognises nothing.
    private (Tensor Correct, Tensor Met) Verdicts(Tensor images, Tensor logits, Tensor index)
    {
        var flat = logits.flatten(0, 1);
        var number = flat.isnan().any(1).logical_not();
        var met = goal.Select(index).IsMet(goal.Seen(images, logits).flatten(0, 1));
        return (flat.argmax(1).eq(labels.index_select(0, index)).logical_and(number),
            goal.IsTargeted ? met.logical_and(number) : met.logical_or(number.logical_not()));
    }

    private void Add(int[] totals, Tensor verdicts, int fold, long[] rows, int offset, int count)
    {
        var sums = verdicts.view(fold, rows.Length).to_type(ScalarType.Int64).sum(dim: 0).cpu().data<long>();
        for (var i = offset; i < offset + count; i++) totals[rows[i]] += (int)sums[i] * (IsRandom ? 1 : draws);
    }
}
