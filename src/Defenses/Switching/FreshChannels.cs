using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>Some fresh channels of one block, each with fresh blocks of its own above it: (N, …) → logits (channels, N, classes).</summary>
internal sealed class FreshChannels : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor>[][] _chains;

    /// <param name="blueprint">What makes a channel of each block, from a seed.</param>
    /// <param name="block">The block that is trained.</param>
    /// <param name="seeds">One for each channel.</param>
    internal FreshChannels(Blueprint blueprint, int block, IReadOnlyList<ulong> seeds) : base(nameof(FreshChannels))
    {
        _chains = [.. seeds.Select(seed => Enumerable.Range(block, blueprint.Blocks - block).Select(i => blueprint.Make(i, seed)).ToArray())];
        var all = new HashSet<object>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < _chains.Length; i++)
            for (var j = 0; j < _chains[i].Length; j++)
            {
                if (!all.Add(_chains[i][j])) throw new InvalidOperationException($"blocks[{block + j}] must make a new module in each call; it gave the same one twice.");
                register_module(string.Create(CultureInfo.InvariantCulture, $"{i}_{block + j}"), _chains[i][j]);
            }
    }

    /// <summary>The channels themselves, without what stands above them.</summary>
    internal IEnumerable<nn.Module<Tensor, Tensor>> Channels => _chains.Select(chain => chain[0]);

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return stack(_chains.Select(chain => chain.Aggregate(x, (input, module) => SwitchingBlock.Compute(module, input))).ToList()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var module in _chains.SelectMany(chain => chain)) module.Dispose();
        base.Dispose(disposing);
    }
}
