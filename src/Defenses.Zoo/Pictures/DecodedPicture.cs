namespace Defenses.Zoo;

/// <summary>A picture in memory: 8-bit values, row by row, the channels of a pixel side by side.</summary>
internal sealed record DecodedPicture(int Height, int Width, int Channels, byte[] Values)
{
    /// <summary>Applies the options, in their order.</summary>
    public DecodedPicture With(PictureOptions options)
    {
        var raster = options.Grey ? ToGrey() : this;
        if (options.Size is var (height, width)) raster = Resampling.Resize(raster, height, width);
        if (options.ShortSide is { } side)
        {
            var (shorter, longer) = (Math.Min(Height, Width), (int)((double)side * Math.Max(Height, Width) / Math.Min(Height, Width)));
            raster = shorter == side ? raster : Height <= Width ? Resampling.Resize(raster, side, longer) : Resampling.Resize(raster, longer, side);
        }

        return options.Crop is { } crop ? raster.Middle(crop) : raster;
    }

    /// <summary>Copies the values channel by channel, (C, H, W).</summary>
    public void CopyTo(Span<byte> planes)
    {
        var size = Height * Width;
        for (var i = 0; i < size; i++)
        {
            for (var channel = 0; channel < Channels; channel++) planes[(channel * size) + i] = Values[(i * Channels) + channel];
        }
    }

    // Weights of ITU-R 601 in 16-bit fixed point; they sum to 65,536, so that grey stays what it is.
    private DecodedPicture ToGrey()
    {
        var grey = new byte[Height * Width];
        for (var i = 0; i < grey.Length; i++)
            grey[i] = (byte)(((19595 * Values[3 * i]) + (38470 * Values[(3 * i) + 1]) + (7471 * Values[(3 * i) + 2]) + 0x8000) >> 16);
        return new DecodedPicture(Height, Width, 1, grey);
    }

    private DecodedPicture Middle(int side)
    {
        var (top, left) = (Start(Height, side), Start(Width, side));
        var values = new byte[side * side * Channels];
        for (var y = Math.Max(0, -top); y < Math.Min(side, Height - top); y++)
        {
            var (first, last) = (Math.Max(0, -left), Math.Min(side, Width - left));
            Values.AsSpan((((y + top) * Width) + first + left) * Channels, (last - first) * Channels).CopyTo(values.AsSpan(((y * side) + first) * Channels));
        }

        return new DecodedPicture(side, side, Channels, values);
    }

    // Halves are rounded to even, as Python does; black goes around a smaller picture, the odd row below and the odd column to the right.
    private static int Start(int length, int side) => length >= side ? (int)Math.Round((length - side) / 2.0) : -((side - length) / 2);
}
