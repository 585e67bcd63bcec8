using System.Collections;
using System.Globalization;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>A chain of switching blocks. Each path through it is one network; every pass draws one path.</summary>
/// <remarks>
/// Shape: (N, …) → (N, classes), as the blocks compute it. Source: Wang et al. 2019 (hierarchical random switching), section 3.
/// Keys of weights: <c>block.channel.name</c>, as in <c>0.3.conv1.weight</c>.
/// </remarks>
public sealed class SwitchingNetwork : nn.Module<Tensor, Tensor>
{
    private readonly SwitchingBlock[] _blocks;

    /// <summary>A chain of the given blocks, which the network owns.</summary>
    /// <param name="blocks">At least one, the first nearest to the input.</param>
    /// <exception cref="ArgumentException">There is no block, or one occurs twice.</exception>
    public SwitchingNetwork(IReadOnlyList<SwitchingBlock> blocks) : base(nameof(SwitchingNetwork))
    {
        _blocks = [.. Require.NotEmpty(blocks, nameof(blocks))];
        if (_blocks.Distinct(ReferenceEqualityComparer.Instance).Count() < _blocks.Length)
            throw new ArgumentException("blocks must be different modules; one of them occurs twice.", nameof(blocks));
        for (var i = 0; i < _blocks.Length; i++)
            register_module(i.ToString(CultureInfo.InvariantCulture), Require.NotNull(_blocks[i], $"{nameof(blocks)}[{i}]"));
        Paths = new PathList([.. _blocks.Select(block => block.Channels.Count)]);
    }

    /// <summary>The blocks, from the input on.</summary>
    public IReadOnlyList<SwitchingBlock> Blocks => _blocks;

    /// <summary>Every path, a channel for each block; the last block's channel changes fastest. Created on access.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Paths { get; }

    /// <summary>The path of the last pass; null before the first pass, and if its examples took different paths.</summary>
    public IReadOnlyList<int>? ActivePath =>
        _blocks.All(block => block.ActiveChannel.HasValue) ? [.. _blocks.Select(block => block.ActiveChannel!.Value)] : null;

    /// <summary>Uses a given path until the result is disposed; layers inside the channels still draw.</summary>
    /// <param name="path">A channel for each block.</param>
    /// <exception cref="ArgumentException">The path does not have one channel for each block.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A block has no such channel.</exception>
    public IDisposable FixPath(IReadOnlyList<int> path)
    {
        if (Require.NotNull(path, nameof(path)).Count != _blocks.Length)
            throw new ArgumentException($"path must name one channel for each of the {_blocks.Length} blocks; it names {path.Count}.", nameof(path));
        for (var i = 0; i < path.Count; i++) Require.Below(path[i], 0, _blocks[i].Channels.Count, $"{nameof(path)}[{i}]");
        var before = _blocks.Select(block => (block, block.IsDisabled, block.InactiveChannel)).ToArray();
        for (var i = 0; i < path.Count; i++) (_blocks[i].IsDisabled, _blocks[i].InactiveChannel) = (true, path[i]);
        return new Undo(() =>
        {
            foreach (var (block, disabled, channel) in before) (block.IsDisabled, block.InactiveChannel) = (disabled, channel);
        });
    }

    /// <summary>One pass along the path that the blocks draw.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var output = Require.NotNull(x, nameof(x));
        foreach (var block in _blocks)
        {
            var next = block.call(output);
            if (!ReferenceEquals(output, x)) output.Dispose();
            output = next;
        }
        return output.MoveToOuterDisposeScope();
    }
}

/// <summary>All combinations of one number below each count, in lexicographic order, created on access.</summary>
internal sealed class PathList(IReadOnlyList<int> counts) : IReadOnlyList<IReadOnlyList<int>>
{
    /// <exception cref="OverflowException">There are more paths than a list can hold.</exception>
    public int Count => counts.Aggregate(1, (product, count) => checked(product * count));

    public IReadOnlyList<int> this[int index]
    {
        get
        {
            Require.Below(index, 0, Count, nameof(index));
            var path = new int[counts.Count];
            for (var i = path.Length - 1; i >= 0; i--) (index, path[i]) = Math.DivRem(index, counts[i]);
            return path;
        }
    }

    public IEnumerator<IReadOnlyList<int>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
