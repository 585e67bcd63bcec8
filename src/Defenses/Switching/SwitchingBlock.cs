using System.Globalization;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>
/// A block with several channels: copies with different weights. A pass draws one channel uniformly and computes only this one.
/// </summary>
/// <remarks>
/// Shape: as the channels'. Source: Wang et al. 2019 (hierarchical random switching), section 3. Differs: their code computes
/// all channels and masks all but one (N times the cost, and a NaN of an idle channel spreads). <see cref="SwitchPer.Sample"/> is an addition: the batch is
/// grouped by channel, each channel runs once on its examples, and the order is restored. A numbered draw gives one channel for
/// the whole batch. Without randomness the block is channel 0, or the channel of <see cref="SwitchingNetwork.FixPath"/>. Keys
/// of weights: <c>channel.name</c>. Channels may lie on different devices; the output is on the input's.
/// </remarks>
public sealed class SwitchingBlock : StochasticLayer
{
    private readonly nn.Module<Tensor, Tensor>[] _channels;

    /// <summary>A block of the given channels, which the block owns.</summary>
    /// <param name="channels">At least one; all with the same shapes of input and output.</param>
    /// <param name="per">Whether one channel is drawn per batch or per example; by default per batch.</param>
    /// <exception cref="ArgumentException">There is no channel, or one occurs twice.</exception>
    public SwitchingBlock(IReadOnlyList<nn.Module<Tensor, Tensor>> channels, SwitchPer per = SwitchPer.Batch) : base(nameof(SwitchingBlock))
    {
        _channels = [.. Require.NotEmpty(channels, nameof(channels))];
        if (_channels.Distinct(ReferenceEqualityComparer.Instance).Count() < _channels.Length)
            throw new ArgumentException("channels must be different modules; one of them occurs twice, so its weights would be shared.", nameof(channels));
        if (!Enum.IsDefined(per)) throw new ArgumentOutOfRangeException(nameof(per), per, "per must be Batch or Sample.");
        Per = per;
        for (var i = 0; i < _channels.Length; i++)
            register_module(i.ToString(CultureInfo.InvariantCulture), Require.NotNull(_channels[i], $"{nameof(channels)}[{i}]"));
    }

    /// <summary>The channels, by number.</summary>
    public IReadOnlyList<nn.Module<Tensor, Tensor>> Channels => _channels;

    /// <summary>Whether one channel is drawn per batch or per example.</summary>
    public SwitchPer Per { get; }

    /// <summary>The channel of the last pass; null before the first pass, and if its examples took different channels.</summary>
    public int? ActiveChannel { get; private set; }

    /// <inheritdoc/>
    public override bool DrawsPerSample => Per == SwitchPer.Sample;

    /// <summary>The channel that is computed when the block does not draw.</summary>
    internal int InactiveChannel { get; set; }

    /// <inheritdoc/>
    protected internal override bool HasSurrogate => false;

    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        if (Per == SwitchPer.Batch || x.shape[0] == 0) return RunChannel((int)random.Index(_channels.Length), x);
        var drawn = random.Indices(_channels.Length, x.shape[0]);
        return drawn.AsSpan().ContainsAnyExcept(drawn[0]) ? RunGroupedByChannel(drawn, x) : RunChannel((int)drawn[0], x);
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => RunChannel(InactiveChannel, x);

    private Tensor RunChannel(int channel, Tensor x)
    {
        ActiveChannel = channel;
        return Compute(_channels[channel], x);
    }

    private Tensor RunGroupedByChannel(long[] drawn, Tensor x)
    {
        ActiveChannel = null;
        var groups = new ChannelGroups(drawn, _channels.Length);
        using var order = tensor(groups.Order, device: x.device);
        using var places = tensor(groups.Places, device: x.device);
        using var sorted = x.index_select(0, order);
        var outputs = new List<Tensor>(_channels.Length);
        for (var channel = 0; channel < _channels.Length; channel++)
            if (groups.Size(channel) > 0)
                outputs.Add(Compute(_channels[channel], sorted.narrow(0, groups.Start(channel), groups.Size(channel))));
        return cat(outputs).index_select(0, places);   // the base's scope frees the rest
    }

    /// <summary>The output of a channel for x, computed on the channel's device and returned on x's device.</summary>
    internal static Tensor Compute(nn.Module<Tensor, Tensor> channel, Tensor x)
    {
        if (OtherDevice(channel, x) is not { } device)
        {
            var output = ForwardPass.Run(channel, x);
            return ReferenceEquals(output, x) ? x.alias() : output;
        }
        using var scope = NewDisposeScope();
        return ForwardPass.Run(channel, x.to(device)).to(x.device).MoveToOuterDisposeScope();
    }

    // The channel's device if it differs from the input's. Channels can be moved separately, so each pass checks the device.
    private static Device? OtherDevice(nn.Module channel, Tensor x)
    {
        foreach (var parameter in channel.parameters())
        {
            var (there, here) = (parameter.device, x.device);
            return there.type == here.type && there.index == here.index ? null : there;
        }
        return null;
    }
}

/// <summary>Whether a switching block draws one channel per batch or per example.</summary>
public enum SwitchPer
{
    /// <summary>One channel for the whole batch, as in the paper's code.</summary>
    Batch,

    /// <summary>A channel for each example of the batch, independently.</summary>
    Sample,
}

/// <summary>A batch sorted by the channel that each example drew (counting sort, stable).</summary>
internal sealed class ChannelGroups
{
    private readonly int[] _starts;

    internal ChannelGroups(ReadOnlySpan<long> drawn, int channels)
    {
        _starts = new int[channels + 1];
        foreach (var channel in drawn) _starts[channel + 1]++;
        for (var i = 0; i < channels; i++) _starts[i + 1] += _starts[i];
        (Order, Places) = (new long[drawn.Length], new long[drawn.Length]);
        var next = _starts.AsSpan(0, channels).ToArray();
        for (var row = 0; row < drawn.Length; row++)
        {
            var place = next[drawn[row]]++;
            Order[place] = row;
            Places[row] = place;
        }
    }

    /// <summary>The row at each sorted place.</summary>
    internal long[] Order { get; }

    /// <summary>The sorted place of each row.</summary>
    internal long[] Places { get; }

    internal int Start(int channel) => _starts[channel];

    internal int Size(int channel) => _starts[channel + 1] - _starts[channel];
}
