namespace Defenses.Tests.Zoo;

using AtomicFile = Defenses.Zoo.AtomicFile;   // not the library's own

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_whole_content_replaces_the_old_one()
    {
        var path = _folder.Write("file", [1, 2, 3]);
        AtomicFile.Write(path, stream => stream.Write([4, 5]));
        File.ReadAllBytes(path).Should().Equal(4, 5);
        _folder.Files.Should().Equal("file");
    }

    [Fact]
    public void When_writing_fails_in_the_middle_the_old_content_stays_and_nothing_else()
    {
        var path = _folder.Write("file", [1, 2, 3]);
        FluentActions.Invoking(() => AtomicFile.Write(path, stream =>
        {
            stream.Write([4, 5]);
            throw new IOException("the disk is full");
        })).Should().Throw<IOException>().WithMessage("the disk is full");
        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
        _folder.Files.Should().Equal("file");
    }

    [Fact]
    public void A_missing_folder_and_a_folder_in_place_of_a_file_are_refused()
    {
        Writing(_folder.At("no/file")).Should().Throw<DirectoryNotFoundException>().WithMessage("*no*create it*");
        Writing(_folder.Path).Should().Throw<IOException>().WithMessage("*is a folder*");
    }

    [Fact]
    public void Two_writers_of_one_file_do_not_mix_and_the_loser_spoils_nothing()
    {
        var path = _folder.At("file");
        AtomicFile.Write(path, stream =>
        {
            stream.Write([1, 2]);
            Writing(path).Should().Throw<IOException>();
            stream.Write([3]);
        });
        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
        _folder.Files.Should().Equal("file");
    }

    private static Action Writing(string path) => () => AtomicFile.Write(path, stream => stream.WriteByte(9));
}
