using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>What the channels of each block are made by, how many there are, and from which seeds.</summary>
internal sealed class Blueprint
{
    private readonly Func<ulong, nn.Module<Tensor, Tensor>>[] _blocks;

    internal Blueprint(IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks, IReadOnlyList<int> channels)
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

    /// <summary>The seed of a channel and of what is trained above it.</summary>
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
