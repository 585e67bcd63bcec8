using Defenses.Tests.Zoo;

namespace Defenses.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_whole_content_replaces_the_old_one_and_missing_folders_are_made()
    {
        var path = _folder.Write("file", [1, 2, 3]);
        AtomicFile.Write(path, stream => stream.Write([4, 5]));
        File.ReadAllBytes(path).Should().Equal(4, 5);
        AtomicFile.Write(_folder.At("deep/er/text"), "ε");
        File.ReadAllBytes(_folder.At("deep/er/text")).Should().Equal(0xCE, 0xB5);
        _folder.Files.Should().Equal(Path.Combine("deep", "er", "text"), "file");
    }

    [Fact]
    public async Task When_writing_fails_in_the_middle_the_old_content_stays_and_nothing_else()
    {
        var path = _folder.Write("file", [1, 2, 3]);
        FluentActions.Invoking(() => AtomicFile.Write(path, stream =>
        {
            stream.Write([4, 5]);
            throw new IOException("the disk is full");
        })).Should().Throw<IOException>().WithMessage("the disk is full");
        await FluentActions.Awaiting(() => AtomicFile.WriteAsync(path, async stream =>
        {
            await stream.WriteAsync(new byte[] { 4, 5 });
            throw new IOException("the line is cut");
        })).Should().ThrowAsync<IOException>().WithMessage("the line is cut");
        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
        _folder.Files.Should().Equal("file");
    }

    [Fact]
    public async Task Asynchronous_work_gives_the_final_name_when_it_is_done()
    {
        var path = _folder.At("new/file");
        await AtomicFile.WriteAsync(path, async stream =>
        {
            await stream.WriteAsync(new byte[] { 6 });
            File.Exists(path).Should().BeFalse();
        });
        File.ReadAllBytes(path).Should().Equal(6);
    }

    [Fact]
    public void Two_writers_of_one_file_do_not_mix_and_the_loser_spoils_nothing()
    {
        var path = _folder.At("file");
        AtomicFile.Write(path, stream =>
        {
            stream.Write([1, 2]);
            FluentActions.Invoking(() => AtomicFile.Write(path, other => other.WriteByte(9))).Should().Throw<IOException>();
            stream.Write([3]);
        });
        File.ReadAllBytes(path).Should().Equal(1, 2, 3);
        _folder.Files.Should().Equal("file");
    }

    [Fact]
    public void Of_several_files_all_are_written_or_none_and_what_was_there_before_stays()
    {
        AtomicFile.WriteAll(_folder.Path, ("a.txt", "old a"), ("b.txt", "old b"));
        FluentActions.Invoking(() =>
            AtomicFile.WriteAll(_folder.Path, ("a.txt", path => AtomicFile.Write(path, "new a")), ("b.txt", _ => throw new IOException("full"))))
            .Should().Throw<IOException>().WithMessage("full");
        _folder.Files.Should().Equal("a.txt", "b.txt");
        File.ReadAllText(_folder.At("a.txt")).Should().Be("old a");
        AtomicFile.WriteAll(_folder.At("deeper"), ("a.txt", "new a"));
        File.ReadAllText(_folder.At("deeper/a.txt")).Should().Be("new a");
    }

    [Fact]
    public void Nothing_is_no_name_and_a_folder_that_cannot_be_is_told_by_what_it_was_given_by()
    {
        FluentActions.Invoking(() => AtomicFile.Write(" ", "text")).Should().Throw<ArgumentException>().WithParameterName("path");
        FluentActions.Invoking(() => AtomicFile.Write(_folder.At("a"), (Action<FileStream>)null!)).Should().Throw<ArgumentNullException>()
            .WithParameterName("write");
        _folder.Write("file", []);
        FluentActions.Invoking(() => AtomicFile.RequireWritable(_folder.At("file/below"), "--out")).Should().Throw<IOException>()
            .WithMessage("--out must be a folder*");
    }
}
