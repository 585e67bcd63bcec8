using Defenses.Zoo;

namespace Defenses.Tests.Zoo;

/// <summary>Resize and crop against closed forms of the triangle filter, computed by hand.</summary>
public sealed class PictureOptionsTests
{
    [Fact]
    public void Halving_weighs_four_neighbors_1_3_3_1() =>
        // Radius 2 around the center between pixels 1 and 2: distances 1.5, 0.5, 0.5, 1.5 of 2. At the ends only three pixels are there.
        Row(new PictureOptions { Size = (1, 4) }, 0, 80, 160, 240, 0, 0, 80, 160).Should().Equal(
            Rounded(((3 * 0) + (3 * 80) + 160) / 7.0), Rounded((80 + (3 * 160) + (3 * 240) + 0) / 8.0), Rounded((240 + 0 + 0 + 80) / 8.0),
            Rounded((0 + (3 * 80) + (3 * 160)) / 7.0));

    [Fact]
    public void Doubling_weighs_two_neighbors_3_1() =>
        Row(new PictureOptions { Size = (1, 6) }, 0, 100, 40).Should().Equal(0, 25, 75, 85, 55, 40);

    [Fact]
    public void Thirds_are_the_triangle_of_radius_3() =>
        // Output 1 of 3: center 4.5, pixels 2 to 6 at distances 2, 1, 0, 1, 2 (and 1.5, 7.5 outside): weights 1, 2, 3, 2, 1 of 9.
        Row(new PictureOptions { Size = (1, 3) }, 0, 0, 90, 0, 9, 0, 0, 0, 0)[1].Should().Be(Rounded((90 + (3 * 9)) / 9.0));

    [Theory]
    [InlineData(8, "e1c9c9b7")]
    [InlineData(2, "e1b0b098")]
    public void Two_bright_and_two_dark_squares_become_what_Pillow_publishes(int side, string quarter)
    {
        // Source of the numbers: Pillow's Tests/test_image_resample.py, test_reduce_bilinear and test_enlarge_bilinear; the upper left quarter of 4×4 pixels.
        var resized = Picture(side, side, (y, x) => (y < side / 2) == (x < side / 2) ? 0xE1 : 0x1E).With(new PictureOptions { Size = (4, 4) });
        var expected = Convert.FromHexString(quarter);
        for (var y = 0; y < 4; y++)
        {
            for (var x = 0; x < 4; x++)
            {
                var value = expected[(2 * Math.Min(y, 3 - y)) + Math.Min(x, 3 - x)];
                resized.Values[(4 * y) + x].Should().Be((byte)((y < 2) == (x < 2) ? value : 255 - value), $"row {y}, column {x}");
            }
        }
    }

    [Theory]
    [InlineData(5, 3, 2, 7)]
    [InlineData(5, 9, 11, 4)]
    [InlineData(5, 3, 5, 3)]
    public void A_constant_stays_and_rows_and_columns_are_alike(int height, int width, int newHeight, int newWidth)
    {
        var constant = Picture(height, width, (_, _) => 201).With(new PictureOptions { Size = (newHeight, newWidth) });
        constant.Values.Should().OnlyContain(value => value == 201).And.HaveCount(newHeight * newWidth);
        var wide = Picture(1, width, (_, x) => 29 * x % 251).With(new PictureOptions { Size = (1, newWidth) });
        var high = Picture(width, 1, (y, _) => 29 * y % 251).With(new PictureOptions { Size = (newWidth, 1) });
        high.Values.Should().Equal(wide.Values);
    }

    [Fact]
    public void Channels_do_not_mix()
    {
        byte[] values = [.. Enumerable.Range(0, 8).SelectMany(x => new byte[] { (byte)(10 * x), 100, (byte)(255 - (10 * x)) })];
        var half = new DecodedPicture(1, 8, 3, values).With(new PictureOptions { Size = (1, 4) });
        half.Values.Where((_, i) => i % 3 == 1).Should().OnlyContain(value => value == 100);
        half.Values.Where((_, i) => i % 3 == 0).Should().Equal(Picture(1, 8, (_, x) => 10 * x).With(new PictureOptions { Size = (1, 4) }).Values);
    }

    [Theory]
    [InlineData(100, 50, 20, 40, 20)]      // the shorter side is the width
    [InlineData(30, 100, 7, 7, 23)]        // 7·100/30 = 23.33, rounded down
    [InlineData(20, 31, 20, 20, 31)]       // nothing to do
    public void The_short_side_is_as_given_and_the_other_in_proportion(int height, int width, int side, int newHeight, int newWidth)
    {
        var picture = Picture(height, width, (_, _) => 0).With(new PictureOptions { ShortSide = side });
        (picture.Height, picture.Width).Should().Be((newHeight, newWidth));
    }

    [Fact]
    public void The_crop_is_the_middle_with_halves_rounded_to_even_and_black_around_what_is_too_small()
    {
        Row(new PictureOptions { Crop = 1 }, 1, 2, 3, 4).Should().Equal(3);           // (4 − 1)/2 = 1.5 → 2
        Row(new PictureOptions { Crop = 1 }, 1, 2, 3, 4, 5, 6).Should().Equal(3);     // 2.5 → 2
        Picture(1, 2, (_, x) => x + 1).With(new PictureOptions { Crop = 3 }).Values.Should().Equal(0, 0, 0, 1, 2, 0, 0, 0, 0);
        Picture(4, 4, (y, x) => (4 * y) + x).With(new PictureOptions { Crop = 2 }).Values.Should().Equal(5, 6, 9, 10);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        FluentActions.Invoking(() => new PictureOptions { Crop = 0 }).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*Crop must be at least 1; it is 0*");
        FluentActions.Invoking(() => new PictureOptions { ShortSide = -1 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new PictureOptions { Size = (3, 0) }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new PictureOptions { Size = (3, 3), ShortSide = 2 }.Check("options")).Should().Throw<ArgumentException>()
            .WithMessage("*both*");
    }

    private static byte[] Row(PictureOptions options, params byte[] values) =>
        new DecodedPicture(1, values.Length, 1, values).With(options).Values;

    private static DecodedPicture Picture(int height, int width, Func<int, int, int> value) =>
        new(height, width, 1, [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select (byte)value(y, x)]);

    private static byte Rounded(double value) => (byte)Math.Floor(value + 0.5);
}
