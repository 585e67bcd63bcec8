namespace Defenses.Switching;

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

    /// <summary>The row that stands at each sorted place.</summary>
    internal long[] Order { get; }

    /// <summary>The sorted place of each row.</summary>
    internal long[] Places { get; }

    internal int Start(int channel) => _starts[channel];

    internal int Size(int channel) => _starts[channel + 1] - _starts[channel];
}
