using Defenses.Tests.Contracts;
using Defenses.Zoo;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class PicturesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, byte[], int[]> Kinds => new()
    {
        { "grey", PngBytes.Make(2, 8, PngBytes.Grey, [[0, 200]]), [0, 200, 0, 200, 0, 200] },
        { "grey of 1 bit", PngBytes.Make(2, 1, PngBytes.Grey, [[0x40]]), [0, 255, 0, 255, 0, 255] },
        { "grey of 4 bits", PngBytes.Make(2, 4, PngBytes.Grey, [[0x3F]]), [51, 255, 51, 255, 51, 255] },
        { "grey of 16 bits", PngBytes.Make(2, 16, PngBytes.Grey, [[0x20, 0x20, 0xFE, 0xFE]]), [0x20, 0xFE, 0x20, 0xFE, 0x20, 0xFE] },
        { "grey with alpha", PngBytes.Make(2, 8, PngBytes.GreyAlpha, [[10, 0, 20, 128]]), [10, 20, 10, 20, 10, 20] },
        { "color", PngBytes.Make(2, 8, PngBytes.Rgb, [[1, 2, 3, 4, 5, 6]]), [1, 4, 2, 5, 3, 6] },
        { "color of 16 bits", PngBytes.Make(1, 16, PngBytes.Rgb, [[1, 1, 2, 2, 3, 3]]), [1, 2, 3] },
        { "transparent color", PngBytes.Make(2, 8, PngBytes.Rgba, [[10, 20, 30, 0, 40, 50, 60, 128]]), [10, 40, 20, 50, 30, 60] },
        { "palette", PngBytes.Make(2, 8, PngBytes.Palette, [[1, 0]], ("PLTE", [9, 8, 7, 1, 2, 3])), [1, 9, 2, 8, 3, 7] },
        { "palette of 2 bits", PngBytes.Make(2, 2, PngBytes.Palette, [[0x40]], ("PLTE", [9, 8, 7, 1, 2, 3])), [1, 9, 2, 8, 3, 7] },
        { "palette with alpha", PngBytes.Make(2, 8, PngBytes.Palette, [[1, 0]], ("PLTE", [9, 8, 7, 1, 2, 3]), ("tRNS", [0])), [1, 9, 2, 8, 3, 7] },
        { "a gamma", PngBytes.Make(1, 8, PngBytes.Grey, [[77]], ("gAMA", [0, 1, 0x86, 0xA0])), [77, 77, 77] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_png_gives_the_colors_that_stand_in_it(string kind, byte[] file, int[] planes)
    {
        using var scope = NewDisposeScope();
        var image = Pictures.Read(_folder.Write("a.png", file));
        image.dtype.Should().Be(ScalarType.Float32);
        image.mul(255).data<float>().ToArray().Select(value => (int)Math.Round(value)).Should().Equal(planes, kind);
    }

    [Fact]
    public void A_jpeg_gives_what_was_encoded_up_to_a_few_levels()
    {
        // Smooth content at quality 100: what is lost is rounding.
        using var scope = NewDisposeScope();
        var wave = PngBytes.Of(32, 32, (y, x) => 128 + (int)(60 * Math.Sin((y + (2 * x)) / 9.0)));
        using var bitmap = SKBitmap.Decode(wave);
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 100);
        var read = Pictures.Read(_folder.Write("a.JPG", data.ToArray()));
        read.sub(Pictures.Read(_folder.Write("b.png", wave))).abs().max().ToDouble().Should().BeLessThan(3 / 255.0);
    }

    [Fact]
    public void The_orientation_in_a_jpeg_is_not_applied_as_in_torchvision()
    {
        using var scope = NewDisposeScope();
        using var bitmap = SKBitmap.Decode(PngBytes.Of(8, 16, (_, x) => x < 8 ? 0 : 255));
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 100);
        var jpeg = data.ToArray();
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];
        var turned = _folder.Write("a.jpg", [.. jpeg[..2], .. exif, .. jpeg[2..]]);
        using (var codec = SKCodec.Create(turned)) codec.EncodedOrigin.Should().Be(SKEncodedOrigin.RightTop, "the file does say that it is turned");
        Pictures.Read(turned).eq(Pictures.Read(_folder.Write("b.jpg", jpeg))).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Grey_is_the_weighted_sum_of_pil()
    {
        using var scope = NewDisposeScope();
        var path = _folder.Write("a.png", PngBytes.Make(5, 8, PngBytes.Rgb, [[255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77, 1, 2, 3]]));
        var grey = Pictures.Read(path, new PictureOptions { Grey = true });
        grey.shape.Should().Equal(1, 1, 5);
        grey.mul(255).round().data<float>().ToArray().Should().Equal(76, 150, 29, 77, 2);
    }

    [Fact]
    public void What_is_written_is_read_again_level_by_level()
    {
        using var scope = NewDisposeScope();
        foreach (var channels in new[] { 1, 3 })
        {
            var levels = arange(channels * 7 * 5).remainder(256).reshape(channels, 7, 5).to_type(ScalarType.Byte);
            Pictures.WritePng(_folder.At("a.png"), levels);
            var read = Pictures.Read(_folder.At("a.png"), new PictureOptions { Grey = channels == 1 });
            read.eq(levels.to_type(ScalarType.Float32).div(255)).all().ToBoolean().Should().BeTrue();
            Pictures.WritePng(_folder.At("b.png"), levels.to_type(ScalarType.Float32).div(255).mul(8).sub(3), -3, 5);
            File.ReadAllBytes(_folder.At("b.png")).Should().Equal(File.ReadAllBytes(_folder.At("a.png")));
        }
    }

    [Fact]
    public void Images_that_cannot_be_written_are_refused_and_no_file_is_left()
    {
        using var scope = NewDisposeScope();
        Writing(zeros(2, 3, 3)).WithMessage("*(2, 3, 3)*");
        Writing(zeros(1, 3, 3, dtype: ScalarType.Int64)).WithMessage("*Int64*");
        Writing(full(1, 3, 3, 1.1f)).WithMessage("*[0, 1]*Give its bounds*");
        Writing(full(1, 3, 3, float.NaN)).WithMessage("*[0, 1]*");
        _folder.Files.Should().BeEmpty();
    }

    [Fact]
    public void Reading_and_writing_leave_no_tensor() => Leaks.None(() =>
    {
        using var image = ones(3, 4, 4);
        Pictures.WritePng(_folder.At("a.png"), image);
        Pictures.Read(_folder.At("a.png")).Dispose();
    });

    private FluentAssertions.Specialized.ExceptionAssertions<ArgumentException> Writing(Tensor image) =>
        FluentActions.Invoking(() => Pictures.WritePng(_folder.At("a.png"), image)).Should().Throw<ArgumentException>();
}
