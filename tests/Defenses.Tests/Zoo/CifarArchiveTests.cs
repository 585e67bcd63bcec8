using System.Formats.Tar;
using System.Security.Cryptography;
using Defenses.Zoo;

namespace Defenses.Tests.Zoo;

public sealed class CifarArchiveTests : IDisposable
{
    private static readonly byte[] One = [1, 2, 3];
    private static readonly byte[] Two = [4, 5, 6, 7];
    private readonly TempFolder _folder = new();
    private readonly LocalServer _server = new();

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_files_are_unpacked_beside_each_other_and_the_archive_is_removed()
    {
        await FetchAsync(("batches/one.bin", One), ("batches/readme.html", [9]), ("../../two.bin", Two));
        _folder.Files.Should().Equal(Path.Combine("in", "one.bin"), Path.Combine("in", "two.bin"));
        File.ReadAllBytes(_folder.At("in/two.bin")).Should().Equal(Two);
    }

    [Fact]
    public async Task Nothing_is_fetched_when_all_files_are_right()
    {
        await FetchAsync(("one.bin", One), ("two.bin", Two));
        await FetchAsync(("one.bin", One), ("two.bin", Two));
        _server.Requests.Should().HaveCount(1);
    }

    [Fact]
    public async Task An_archive_without_one_of_the_files_is_refused()
    {
        var fetch = () => FetchAsync(("one.bin", One));
        await fetch.Should().ThrowAsync<InvalidDataException>().WithMessage("*must hold 'two.bin'*");
    }

    [Fact]
    public async Task A_file_with_another_content_does_not_get_its_name()
    {
        var fetch = () => FetchAsync(("one.bin", One), ("two.bin", One));
        await fetch.Should().ThrowAsync<InvalidDataException>().WithMessage("*another content of 'two.bin'*");
        _folder.Files.Should().NotContain(file => file.Contains("two.bin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_archive_is_refused_and_leaves_nothing()
    {
        _server.Reply = (_, _) => new(200, [1, 2, 3]);
        var fetch = () => Cifar10.DownloadAsync(_folder.Path, mirrors: [_server.Address]);
        await fetch.Should().ThrowAsync<IOException>().WithMessage("*cifar-10-binary.tar.gz*SHA-256*c4a38c50*");
        _folder.Files.Should().BeEmpty();
    }

    private Task FetchAsync(params (string Name, byte[] Content)[] entries)
    {
        var content = Pack(entries);
        _server.Reply = (_, _) => new(200, content);
        var sums = new Dictionary<string, string> { ["one.bin"] = Sum(One), ["two.bin"] = Sum(Two) };
        return new CifarArchive("archive.tar.gz", Sum(content), sums, [_server.Address]).FetchAsync(_folder.At("in"), new Downloader(null), null, default);
    }

    private static byte[] Pack((string Name, byte[] Content)[] entries)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content),
                    ModificationTime = DateTimeOffset.UnixEpoch });
        }

        return TempFolder.Zip(buffer.ToArray());
    }

    private static string Sum(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
