using SkiaSharp;

namespace Defenses.Zoo;

/// <summary>Decodes PNG and JPEG files to 8-bit red, green, blue, and names what is wrong with a file.</summary>
internal static class PictureDecoder
{
    /// <summary>The largest picture that is decoded, in pixels: a file of some bytes can announce any size.</summary>
    private const long MostPixels = 178_956_970;

    private static readonly (string Name, byte[] Start, string[] Endings)[] Formats =
    [
        ("PNG", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [".png"]),
        ("JPEG", [0xFF, 0xD8, 0xFF], [".jpg", ".jpeg"]),
    ];

    /// <summary>Pictures that a folder may well hold, but that are not read.</summary>
    private static readonly string[] Others = [".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".avif", ".heic"];

    public static bool IsPicture(string path) => Formats.Any(format => Has(format.Endings, path));

    public static bool IsOtherPicture(string path) => Has(Others, path);

    /// <summary>What is wrong with the first bytes of a file, for its name; null when nothing is.</summary>
    public static string? Fault(string path)
    {
        Span<byte> start = stackalloc byte[8];
        int count;
        using (var file = File.OpenRead(path)) count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (count == 0) return "is empty (0 bytes). Fetch it again, or delete it.";
        var named = Array.Find(Formats, format => Has(format.Endings, path));
        if (named.Name is null) return "must be a .png, .jpg or .jpeg file. Convert it.";
        if (start[..count].StartsWith(named.Start)) return null;
        foreach (var format in Formats)
        {
            if (start[..count].StartsWith(format.Start))
                return $"has the name of a {named.Name} picture, but its content is {format.Name}. Rename it to {format.Endings[0]}.";
        }

        return $"must be a {named.Name} picture, but begins with other bytes ({Convert.ToHexString(start[..count])}). Fetch it again, or delete it.";
    }

    /// <summary>Red, green, blue, as they stand in the file: transparency and color profiles are left out, 16-bit values lose their lower half.</summary>
    public static DecodedPicture Decode(string path)
    {
        if (Fault(path) is { } fault) throw BadFile.Error(path, fault);
        try
        {
            return Decode(path, File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException)
        {
            throw Skia.Missing(error);
        }
    }

    private static DecodedPicture Decode(string path, byte[] content)
    {
        using var codec = SKCodec.Create(new SKMemoryStream(content), out var opened) ?? throw Damaged(path, opened);
        if ((long)codec.Info.Width * codec.Info.Height > MostPixels)
            throw BadFile.Error(path, $"must have at most {MostPixels} pixels, but announces {codec.Info.Width}×{codec.Info.Height}. Make it smaller.");
        // Without a color space there is no conversion; unpremultiplied, colors do not depend on the transparency.
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap(info);
        var result = codec.GetPixels(info, bitmap.GetPixels());
        if (result != SKCodecResult.Success) throw Damaged(path, result);
        var pixels = bitmap.GetPixelSpan();
        var values = new byte[info.Width * info.Height * 3];
        for (var i = 0; i < info.Width * info.Height; i++) pixels.Slice(4 * i, 3).CopyTo(values.AsSpan(3 * i));
        return new DecodedPicture(info.Height, info.Width, 3, values);
    }

    private static bool Has(string[] endings, string path) => endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static InvalidDataException Damaged(string path, SKCodecResult result) =>
        BadFile.Error(path, $"must be a whole picture, but is damaged or cut off ({result}). Fetch it again, or delete it.");
}
