using System.Globalization;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>New channels of one block, each with its own new blocks above it: (N, …) → logits (channels, N, classes).</summary>
internal sealed class ChannelsInTraining : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor>[][] _chains;

    /// <param name="factory">Makes a channel of each block from a seed.</param>
    /// <param name="block">The block that is trained.</param>
    /// <param name="seeds">One for each channel.</param>
    internal ChannelsInTraining(ChannelFactory factory, int block, IReadOnlyList<ulong> seeds) : base(nameof(ChannelsInTraining))
    {
        _chains = [.. seeds.Select(seed => Enumerable.Range(block, factory.Blocks - block).Select(i => factory.Make(i, seed)).ToArray())];
        var all = new HashSet<object>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < _chains.Length; i++)
            for (var j = 0; j < _chains[i].Length; j++)
            {
                if (!all.Add(_chains[i][j]))
                    throw new InvalidOperationException($"blocks[{block + j}] must make a new module in each call; it gave the same one twice.");
                register_module(string.Create(CultureInfo.InvariantCulture, $"{i}_{block + j}"), _chains[i][j]);
            }
    }

    /// <summary>The channels, without the blocks above them.</summary>
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

/// <summary>
/// The cross-entropy of new channels on the outputs of the finished blocks below. The finished blocks keep their weights and statistics, but still
/// switch in every batch, and their dropout is active.
/// </summary>
internal sealed class FrozenPrefixObjective : TrainingObjective, IDisposable
{
    private readonly SwitchingNetwork? _lower;
    private readonly ReplayableStreams? _streams;

    /// <param name="lower">The finished blocks, or null for the first block.</param>
    internal FrozenPrefixObjective(SwitchingNetwork? lower)
    {
        if (lower is null) return;
        (_lower, _streams) = (lower, new ReplayableStreams(lower));
        lower.train();
        foreach (var module in lower.modules())
            if (module.buffers(recurse: false).Any()) module.eval();   // batch norm keeps its trained statistics
        foreach (var parameter in lower.parameters()) parameter.requires_grad_(false);
    }

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var logits = ForwardPass.Run(network, RunFrozenBlocks(images, random.Seed));   // (channels, N, classes)
        var loss = Enumerable.Range(0, (int)logits.shape[0])
            .Select(channel => CrossEntropyObjective.Loss(logits.select(0, channel), labels))
            .Aggregate((sum, next) => sum + next);
        return (loss, logits);
    }

    /// <inheritdoc/>
    public override string ToString() => $"cross-entropy above {_lower?.Blocks.Count ?? 0} frozen blocks";

    /// <summary>Restores the streams of the finished blocks.</summary>
    public void Dispose() => _streams?.Dispose();

    private Tensor RunFrozenBlocks(Tensor images, ulong seed)
    {
        if (_lower is null) return images;
        using var noGrad = no_grad();
        _streams!.Restart(seed);
        return ForwardPass.Run(_lower, images);
    }
}

/// <summary>Makes the channels of each block; holds their number and derives their seeds.</summary>
internal sealed class ChannelFactory
{
    private readonly Func<ulong, nn.Module<Tensor, Tensor>>[] _blocks;

    internal ChannelFactory(IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks, IReadOnlyList<int> channels)
    {
        _blocks = [.. Require.NotEmpty(blocks, nameof(blocks))];
        Channels = [.. Require.NotNull(channels, nameof(channels))];
        if (Channels.Count != _blocks.Length)
            throw new ArgumentException($"channels must have one number for each of the {_blocks.Length} blocks; it has {Channels.Count}.", nameof(channels));
        for (var i = 0; i < _blocks.Length; i++) Require.NotNull(_blocks[i], $"{nameof(blocks)}[{i}]");
        for (var i = 0; i < _blocks.Length; i++) Require.AtLeast(Channels[i], 1, $"{nameof(channels)}[{i}]");
    }

    /// <summary>The number of blocks.</summary>
    internal int Blocks => _blocks.Length;

    /// <summary>The number of channels of each block.</summary>
    internal IReadOnlyList<int> Channels { get; }

    /// <summary>The seed of a channel and of the blocks that are trained above it.</summary>
    internal static ulong Seed(ulong seed, int block, int channel) => Seeds.Combine(Seeds.Combine(seed, block), channel);

    /// <summary>A new channel of a block.</summary>
    internal nn.Module<Tensor, Tensor> Make(int block, ulong seed) =>
        _blocks[block](Seeds.Combine(seed, block)) ?? throw new InvalidOperationException($"blocks[{block}] must make a module; it gave null.");

    /// <summary>The network of the lowest blocks, its channels read from files.</summary>
    internal SwitchingNetwork Read(ChannelFiles files, int blocks, SwitchPer per) =>
        new([.. Enumerable.Range(0, blocks).Select(block => new SwitchingBlock(
            [.. Enumerable.Range(0, Channels[block]).Select(channel => Read(files, block, channel))], per))]);

    private nn.Module<Tensor, Tensor> Read(ChannelFiles files, int block, int channel)
    {
        var module = Make(block, 0);
        files.Load(block, channel, module);
        return module;
    }
}
