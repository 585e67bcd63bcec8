using Defenses.Tests.Zoo;

namespace Defenses.Tests;

public sealed class FileLockTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lock_is_held_by_one_and_its_file_goes_with_it()
    {
        var path = _folder.At(".lock");
        using (FileLock.Take(path)) FileLock.Take(path).Should().BeNull();
        _folder.Files.Should().BeEmpty();
        using var again = FileLock.Take(path);
        again.Should().NotBeNull();
    }

    [Fact]
    public void A_shared_lock_is_held_by_several_and_keeps_out_who_does_not_share()
    {
        var path = _folder.At(".lock");
        using (var first = FileLock.Take(path, isShared: true))
        using (var second = FileLock.Take(path, isShared: true))
        {
            new[] { first, second }.Should().NotContainNulls();
            FileLock.Take(path).Should().BeNull();
        }
        _folder.Files.Should().Equal(".lock");
    }

    [Fact]
    public void A_missing_folder_and_no_name_are_refused()
    {
        FluentActions.Invoking(() => FileLock.Take(_folder.At("no/.lock"))).Should().Throw<DirectoryNotFoundException>();
        FluentActions.Invoking(() => FileLock.Take("")).Should().Throw<ArgumentException>().WithParameterName("path");
    }
}
