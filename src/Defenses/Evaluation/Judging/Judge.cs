using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Measures adversarial examples by K fresh draws of the deployed model, from a stream that is independent of the attack.</summary>
/// <remarks>
/// Examples are judged in blocks of <see cref="BlockSize"/> with fixed boundaries by global index, each from the stream hash(seed, block), so
/// that batch size, shards and resuming change no verdict. Every example has its own draws; a network with a layer that draws once for a
/// whole batch is therefore run on one example at a time. A deterministic model is run once.
/// Source: Carlini et al. 2019, "properly ensemble over randomness".
/// </remarks>
public sealed class Judge
{
    /// <summary>The number of examples in a block.</summary>
    public const int BlockSize = SeededBlocks.Size;

    private const int DrawsAtOnce = 60;   // bounds the memory of the logits

    /// <summary>A judge with <paramref name="draws"/> draws, at least 1. With few draws majority and worst of k are coarse; 100 is usual.</summary>
    public Judge(int draws) => Draws = Require.AtLeast(draws, 1, nameof(draws));

    /// <summary>K, the number of draws of each example.</summary>
    public int Draws { get; }

    /// <summary>The seed of the judge's stream; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The confidence of the intervals, between 0 and 1; by default 0.95.</summary>
    public double Confidence { get; init => field = Statistics.Confidence.Check(value, nameof(Confidence)); } = Statistics.Confidence.Default;

    /// <summary>Counts the draws in which the images are recognized and (success) not recognized.</summary>
    /// <inheritdoc cref="Measure(ModelView, Tensor, Tensor, Goal, long, CancellationToken)"/>
    public Judgement Measure(ModelView model, Tensor x, Tensor labels, long firstIndex = 0, CancellationToken cancellation = default) =>
        Measure(model, x, labels, Goal.Avoid(Require.NotNull(labels, nameof(labels))), firstIndex, cancellation);

    /// <summary>Counts the draws in which the images are recognized and in which they meet the goal.</summary>
    /// <param name="model">The deployed model, in evaluation mode: a classifier, an oracle, or any other view that answers as it would be deployed.</param>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="goal">The attacker's goal for each image.</param>
    /// <param name="firstIndex">The global index of the first image, 0 or above, when x is a part of a larger set; 0 by default.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, its output is not logits, or it draws
    /// outside of its stochastic layers.</exception>
    public Judgement Measure(ModelView model, Tensor x, Tensor labels, Goal goal, long firstIndex = 0, CancellationToken cancellation = default)
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
        x = model.Bounds.Clip(x);
        RequireAnswers(model, x);
        Require.Labels(labels, x.shape[0], model.Classes, nameof(labels));
        Require.Labels(goal.Classes, x.shape[0], model.Classes, nameof(goal));
        var pass = new JudgingPass(model, x, labels, goal, Draws, DrawsAtOnce, cancellation);
        foreach (var part in SeededBlocks.Split(firstIndex, x.shape[0], seed))
        {
            if (pass.OneByOne) pass.CountOneByOne(seed, firstIndex, part.Row, part.Count);
            else pass.CountBlock(part);
        }
        return new Judgement(this, seed, pass.IsRandom, pass.Correct, pass.Met);
    }

    // This pass also determines the number of classes.
    private static void RequireAnswers(ModelView model, Tensor x)
    {
        using var scope = NewDisposeScope();
        var one = x.narrow(0, 0, 1);
        var (first, second) = (model.ComputeLogits(one), model.ComputeLogits(one));
        if (model.IsRandom || !((first - second).abs() > 1e-3 * (1 + first.abs())).any().ToBoolean()) return;
        if (model.Networks.Count == 0)
            throw new InvalidOperationException(
                "The model gives different outputs for the same image, and says that it is not random, so its draws cannot be counted. " +
                "Make an oracle that draws with isRandom: true.");
        throw new InvalidOperationException(
            "The network gives different outputs for the same image, although none of its active layers is a StochasticLayer, so its draws cannot be " +
            "counted. Derive the layer that draws from StochasticLayer, or call eval() on it.");
    }
}

/// <summary>Counts correct and successful draws of one batch.</summary>
internal sealed class JudgingPass(ModelView model, Tensor x, Tensor labels, Goal goal, int draws, int atOnce, CancellationToken cancellation)
{
    /// <summary>Whether the model draws.</summary>
    internal bool IsRandom { get; } = model.IsRandom;

    /// <summary>Whether examples in one batch would share draws.</summary>
    internal bool OneByOne { get; } = model.IsRandom && !model.Networks.All(DrawFolding.Possible);

    internal int[] Correct { get; } = new int[x.shape[0]];

    internal int[] Met { get; } = new int[x.shape[0]];

    /// <summary>Judges a part of a block at its position in the block. The rest of the block is filled with copies, so that
    /// the part gets its own numbers.</summary>
    internal void CountBlock(BlockPart part)
    {
        var rows = new long[SeededBlocks.Size];
        Array.Fill(rows, part.Row);
        for (var i = 0; i < part.Count; i++) rows[part.Offset + i] = part.Row + i;
        CountDraws(part.Seed!.Value, rows, (int)part.Offset, (int)part.Count);
    }

    /// <summary>Judges examples one at a time, each from its own stream.</summary>
    internal void CountOneByOne(ulong seed, long firstIndex, long row, long count)
    {
        for (var i = row; i < row + count; i++) CountDraws(Seeds.Combine(Seeds.Combine(seed, "example"), firstIndex + i), [i], 0, 1);
    }

    private void CountDraws(ulong seed, long[] rows, int offset, int count)
    {
        using var scope = NewDisposeScope();
        using var streams = Lend(seed);
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

    // The first network, which is the only one of a classifier, gets the seed itself.
    private Undo Lend(ulong seed)
    {
        var lent = model.Networks.Select((network, index) => network.LendStreams(index == 0 ? seed : Seeds.Combine(seed, index))).ToArray();
        return new Undo(() =>
        {
            foreach (var each in Enumerable.Reverse(lent)) each.Dispose();
        });
    }

    // Images (rows, …), logits (draws, rows, classes), index (draws·rows,) → two of (draws·rows,) bool. A NaN output counts as not recognized.
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
