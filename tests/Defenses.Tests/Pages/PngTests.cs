using System.Buffers.Binary;
using Defenses.Pages;

namespace Defenses.Tests.Pages;

public sealed class PngTests
{
    [Theory]
    [InlineData(1, 3, 5)]
    [InlineData(3, 4, 2)]
    [InlineData(1, 1, 1)]
    public void The_picture_can_be_read_back(int channels, int height, int width)
    {
        var planes = Enumerable.Range(0, channels * height * width).Select(i => (byte)(i * 37)).ToArray();
        var file = Png.Encode(planes, channels, height, width);
        var chunks = PngFile.Chunks(file);
        chunks.Select(chunk => chunk.Type).Should().Equal("IHDR", "IDAT", "IEND");
        var header = chunks[0].Data;
        (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)), (int)header[8], (int)header[9])
            .Should().Be((width, height, 8, channels == 1 ? 0 : 2));
        var bytes = PngFile.Pixels(file);
        bytes.Should().HaveCount(height * (1 + width * channels));
        for (var row = 0; row < height; row++)
            for (var column = 0; column < width; column++)
                for (var channel = 0; channel < channels; channel++)
                    bytes[row * (1 + width * channels) + 1 + column * channels + channel].Should().Be(planes[(channel * height + row) * width + column]);
    }

    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        Png.Encode([0], 1, 1, 1)[^4..].Should().Equal([0xAE, 0x42, 0x60, 0x82], "every PNG ends with it");
    }

    [Theory]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 1)]
    public void What_does_not_fit_is_refused(int channels, int height, int width)
    {
        FluentActions.Invoking(() => Png.Encode([0], channels, height, width)).Should().Throw<ArgumentException>().WithParameterName("planes");
    }
}
