namespace Defenses.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("atomic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Of_several_files_all_are_written_or_none_and_what_was_there_before_stays()
    {
        AtomicFile.WriteAll(_folder, ("a.txt", "old a"), ("b.txt", "old b"));
        FluentActions.Invoking(() =>
            AtomicFile.WriteAll(_folder, ("a.txt", path => AtomicFile.Write(path, "new a")), ("b.txt", _ => throw new IOException("full"))))
            .Should().Throw<IOException>().WithMessage("full");
        Directory.GetFiles(_folder).Select(Path.GetFileName).Should().BeEquivalentTo("a.txt", "b.txt");
        File.ReadAllText(Path.Combine(_folder, "a.txt")).Should().Be("old a");
        AtomicFile.WriteAll(Path.Combine(_folder, "deeper"), ("a.txt", "new a"));
        File.ReadAllText(Path.Combine(_folder, "deeper", "a.txt")).Should().Be("new a");
    }
}
