using Defenses.Zoo;
using TorchSharp;

namespace Defenses.Tests.Zoo;

public sealed class Cifar10Tests : IDisposable
{
    private const int Record = 3073;
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Records_are_a_label_and_three_planes_and_files_follow_each_other()
    {
        var first = _folder.Write("1.bin", Records(3, 0));
        var second = _folder.Write("2.bin", Records(3, 3));
        using var set = CifarReader.Read("two files", [first, second], Names, records: 3);
        set.Pixels.shape.Should().Equal(6, 3, 32, 32);
        set.Labels.data<long>().ToArray().Should().Equal(0, 1, 2, 3, 4, 5);
        set.Pixels[4, 0, 0, 0].ToByte().Should().Be(Pixel(4, 0));
        set.Pixels[4, 1, 2, 3].ToByte().Should().Be(Pixel(4, 1024 + (2 * 32) + 3));
        set.Pixels[5, 2, 31, 31].ToByte().Should().Be(Pixel(5, 3071));
        set.Provenance.Should().Be(Provenance.Unknown);
    }

    [Fact]
    public void A_label_above_nine_is_refused_with_its_place()
    {
        var content = Records(3, 0);
        content[2 * Record] = 200;
        Reading(_folder.Write("1.bin", content)).Should().Throw<InvalidDataException>().WithMessage("*1.bin*0 to 9*label 2 is 200*");
    }

    [Theory]
    [InlineData((3 * Record) - 1, "truncated")]
    [InlineData(2 * Record, "truncated")]
    [InlineData((3 * Record) + 1, "too long")]
    public void A_file_of_another_length_is_refused(int length, string what)
    {
        var content = new byte[length];
        Reading(_folder.Write("1.bin", content)).Should().Throw<InvalidDataException>().WithMessage($"*must have {3 * Record} bytes*has {length}*{what}*");
    }

    [Fact]
    public void Files_of_the_official_size_are_found_read_and_marked_as_unknown()
    {
        var content = new byte[CifarReader.RecordsPerFile * Record];
        for (var i = 0; i < CifarReader.RecordsPerFile; i++) content[i * Record] = (byte)(i % 10);
        _folder.Write("cifar10/cifar-10-batches-bin/test_batch.bin", content);
        using var set = Cifar10.Test(_folder.Path);
        (set.Count, set.Provenance, set.Name).Should().Be((10_000, Provenance.Unknown, "CIFAR-10 test set"));
        Cifar10.IsIn(_folder.Path).Should().BeFalse("the training files are missing");
        FluentActions.Invoking(() => Cifar10.Train(_folder.Path)).Should().Throw<FileNotFoundException>().WithMessage("*data_batch_1.bin*DownloadAsync*");
    }

    [Fact]
    public void Contents_are_identified_by_name_and_checksum()
    {
        foreach (var (name, sum) in CifarSums.Official) CifarSums.Identify(name, sum).Should().Be(Provenance.Official);
        CifarSums.Identify("test_batch.bin", "8bdcc01c4e7083f8b3be14757617fbd309d199ce80825f164c2adfdef6bc5dba").Should().Be(Provenance.Reencoded);
        CifarSums.Identify("data_batch_1.bin", CifarSums.Official["test_batch.bin"]).Should()
            .Be(Provenance.Unknown, "a file under another's name is not the official one");
    }

    private static byte Pixel(int record, int at) => (byte)((record * 31) + (at * 7) + (at / 1024));

    private static byte[] Records(int count, int first)
    {
        var content = new byte[count * Record];
        for (var i = 0; i < count; i++)
        {
            content[i * Record] = (byte)(first + i);
            for (var at = 0; at < Record - 1; at++) content[(i * Record) + 1 + at] = Pixel(first + i, at);
        }

        return content;
    }

    private static Func<DataSet> Reading(string path) => () => CifarReader.Read("one file", [path], Names, records: 3);
}
