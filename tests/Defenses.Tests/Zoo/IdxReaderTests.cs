using System.Security.Cryptography;
using Defenses.Zoo;

namespace Defenses.Tests.Zoo;

public sealed class IdxReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Shape_values_and_checksum_of_the_content_are_read_from_plain_and_gzipped_files(bool zipped)
    {
        var content = IdxBytes.Of(0x803, [2, 1, 3], [1, 2, 3, 4, 5, 255]);
        var path = _folder.Write("any-name", zipped ? TempFolder.Zip(content) : content);
        var read = IdxReader.Read(path, 3);
        read.Shape.Should().Equal(2, 1, 3);
        read.Data.Should().Equal(1, 2, 3, 4, 5, 255);
        read.Sha256.Should().Be(Convert.ToHexStringLower(SHA256.HashData(content)));
        read.Path.Should().Be(path);
    }

    [Fact]
    public void Labels_in_place_of_images_are_refused_with_both_magic_numbers()
    {
        var path = _folder.Write("labels", IdxBytes.Labels(1, 2, 3));
        Reading(path, 3).Should().Throw<InvalidDataException>().WithMessage($"*{path}*0x00000803*0x00000801*");
    }

    [Fact]
    public void An_html_page_is_refused()
    {
        var path = _folder.Write("page", "<!DOCTYPE html><html>Not found</html>"u8.ToArray());
        Reading(path, 1).Should().Throw<InvalidDataException>().WithMessage("*must begin with the magic number*failed download*");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, false)]
    [InlineData(15, false)]
    [InlineData(40, false)]
    [InlineData(3, true)]
    [InlineData(15, true)]
    [InlineData(40, true)]
    public void A_file_that_ends_early_is_refused_wherever_it_ends(int length, bool zipped)
    {
        var content = IdxBytes.Images(2)[..length];
        var path = _folder.Write("short", zipped ? TempFolder.Zip(content) : content);
        Reading(path, 3).Should().Throw<InvalidDataException>().WithMessage($"*{path}*truncated*");
    }

    [Fact]
    public void Gzip_that_ends_early_is_refused_wherever_it_ends()
    {
        var whole = TempFolder.Zip(IdxBytes.Of(0x803, [2, 5, 5], [.. Enumerable.Range(0, 50).Select(i => (byte)(i * i * 7))]));
        for (var length = 2; length < whole.Length; length++)
            Reading(_folder.Write("short", whole[..length]), 3).Should().Throw<InvalidDataException>($"{length} of {whole.Length} bytes are there");
    }

    [Fact]
    public void Gzip_with_a_damaged_byte_is_refused()
    {
        var content = TempFolder.Zip(IdxBytes.Images(2));
        content[content.Length / 2] ^= 0x10;
        Reading(_folder.Write("damaged", content), 3).Should().Throw<InvalidDataException>().WithMessage("*damaged*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bytes_after_the_announced_values_are_refused(bool zipped)
    {
        byte[] content = [.. IdxBytes.Labels(1, 2, 3), 0];
        Reading(_folder.Write("long", zipped ? TempFolder.Zip(content) : content), 1)
            .Should().Throw<InvalidDataException>().WithMessage("*after the 3 values*more bytes follow*");
    }

    [Theory]
    [InlineData(0, "*size 0 is 0*")]
    [InlineData(-1, "*size 0 is 4294967295*")]
    [InlineData(int.MaxValue, "*at most*values*")]
    [InlineData(1_000_000, "*truncated*784000000 values*")]
    public void A_header_that_announces_impossible_sizes_is_refused_before_memory_is_taken(int count, string message)
    {
        var before = GC.GetTotalAllocatedBytes();
        foreach (var zipped in new[] { false, true })
        {
            var content = IdxBytes.Of(0x803, [count, 28, 28], new byte[100]);
            Reading(_folder.Write("lying", zipped ? TempFolder.Zip(content) : content), 3).Should().Throw<InvalidDataException>().WithMessage(message);
        }

        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(50_000_000);
    }

    [Fact]
    public void A_missing_file_and_an_impossible_number_of_dimensions_are_refused()
    {
        Reading(_folder.At("none"), 3).Should().Throw<FileNotFoundException>();
        Reading(_folder.At("none"), 0).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1 to 4*");
    }

    private static Func<IdxArray> Reading(string path, int dimensions) => () => IdxReader.Read(path, dimensions);
}
