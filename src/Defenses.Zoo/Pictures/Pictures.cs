using System.Globalization;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>Reads PNG and JPEG files as images, and writes images as 8-bit PNG.</summary>
/// <remarks>
/// As torchvision's default loader: transparency is dropped (not blended), a palette becomes its colors, 16-bit values lose their lower half, color profiles
/// and the EXIF orientation are not applied. Grey files become red = green = blue, or one channel with <see cref="PictureOptions.Grey"/>.
/// JPEG values may differ by a few units from another decoder's; PNG values do not.
/// </remarks>
public static class Pictures
{
    /// <summary>One picture, float32 in [0, 1], (C, H, W).</summary>
    /// <param name="path">A .png, .jpg or .jpeg file.</param>
    /// <param name="options">Colour, size, crop; by default as the file is, in color.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is no picture, another one than its name says, damaged or too large.</exception>
    /// <exception cref="InvalidOperationException">Skia's native library is missing; the message says which package has it.</exception>
    public static Tensor Read(string path, PictureOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new PictureOptions();
        options.Check(nameof(options));
        var raster = PictureDecoder.Decode(path).With(options);
        using var pixels = empty([raster.Channels, raster.Height, raster.Width], dtype: ScalarType.Byte);
        raster.CopyTo(pixels.bytes);
        using var numbers = pixels.to_type(ScalarType.Float32);
        return numbers.div(255);
    }

    /// <summary>Writes one image as PNG, each value rounded to the nearest of 256 levels; the file's name only ever holds a whole file.</summary>
    /// <param name="path">The file; overwritten when it exists.</param>
    /// <param name="image">(1, H, W) or (3, H, W): uint8, or floating point within the bounds.</param>
    /// <param name="lower">The value that becomes black; by default 0. Bytes are written as they are.</param>
    /// <param name="upper">The value that becomes white, above <paramref name="lower"/>; by default 1.</param>
    /// <exception cref="ArgumentException">The image has another shape or type, or a value outside the bounds.</exception>
    /// <exception cref="IOException">The folder is missing, full or not writable.</exception>
    /// <exception cref="InvalidOperationException">Skia's native library is missing; the message says which package has it.</exception>
    public static void WritePng(string path, Tensor image, double lower = 0, double upper = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(image);
        if (image.dim() != 3 || image.shape[0] is not (1 or 3) || image.numel() == 0)
            throw new ArgumentException($"image must have shape (1, H, W) or (3, H, W); it has shape ({string.Join(", ", image.shape)}).", nameof(image));
        using var scope = NewDisposeScope();
        var levels = (image.dtype == ScalarType.Byte ? image : Levels(image, lower, upper)).cpu();
        Write(path, (int)image.shape[1], (int)image.shape[2], (int)image.shape[0], levels.permute(1, 2, 0).contiguous().bytes);
    }

    internal static void Write(string path, int height, int width, int channels, Span<byte> values)
    {
        try
        {
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque));
            var target = bitmap.GetPixelSpan();
            var (bytes, row) = (channels == 1 ? 1 : 4, bitmap.RowBytes);
            var pixels = new byte[row * height];
            Array.Fill(pixels, byte.MaxValue);
            for (var i = 0; i < width * height; i++)
                values.Slice(i * channels, channels).CopyTo(pixels.AsSpan((i / width * row) + (i % width * bytes)));
            System.Runtime.InteropServices.Marshal.Copy(pixels, 0, bitmap.GetPixels(), Math.Min(pixels.Length, target.Length));
            using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            AtomicFile.Write(path, stream => png.SaveTo(stream));
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException)
        {
            throw Skia.Missing(error);
        }
    }

    /// <summary>The nearest of 256 levels, uint8; new, whatever dispose scope.</summary>
    internal static Tensor Levels(Tensor image, double lower, double upper)
    {
        if (!image.is_floating_point())
            throw new ArgumentException($"image must be uint8 or floating point; it is {image.dtype}.", nameof(image));
        if (!(lower < upper)) throw new ArgumentOutOfRangeException(nameof(upper), upper, $"upper must be above lower, {lower}; it is {upper}.");
        using var scope = NewDisposeScope();
        var share = image.detach().to_type(ScalarType.Float64).sub(lower).div(upper - lower);
        var (low, high) = (share.min().ToDouble(), share.max().ToDouble());
        if (!(low >= -1e-5 && high <= 1 + 1e-5))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"image must lie within [{lower}, {upper}]; its values span [{lower + (low * (upper - lower))}, {lower + (high * (upper - lower))}]. "
                + $"Give its bounds."), nameof(image));
        }

        return share.mul(255).add(0.5).floor().clamp(0, 255).to_type(ScalarType.Byte).MoveToOuterDisposeScope();
    }
}
