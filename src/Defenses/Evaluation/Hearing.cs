using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>One judge's counting of one batch of images.</summary>
internal sealed class Hearing(Classifier model, Tensor x, Tensor labels, Goal goal, int draws, int atOnce, CancellationToken cancellation)
{
    /// <summary>Whether the model draws.</summary>
    internal bool IsRandom { get; } = model.IsRandom;

    /// <summary>Whether examples would share draws if they stood in one batch.</summary>
    internal bool OneByOne { get; } = model.IsRandom && !DrawFolding.Possible(model.Network);

    internal int[] Correct { get; } = new int[x.shape[0]];

    internal int[] Met { get; } = new int[x.shape[0]];

    /// <summary>Judges a part of a block at its place in the block; the rest of the block is filled up, so that the part draws its own numbers.</summary>
    internal void HearBlock(ulong seed, long row, long count, long offset)
    {
        var rows = new long[Judge.BlockSize];
        Array.Fill(rows, row);
        for (var i = 0; i < count; i++) rows[offset + i] = row + i;
        Hear(seed, rows, (int)offset, (int)count);
    }

    /// <summary>Judges examples one at a time, each from a stream of its own.</summary>
    internal void HearEach(ulong seed, long firstIndex, long row, long count)
    {
        for (var i = row; i < row + count; i++) Hear(Seeds.Combine(Seeds.Combine(seed, "example"), firstIndex + i), [i], 0, 1);
    }

    private void Hear(ulong seed, long[] rows, int offset, int count)
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
