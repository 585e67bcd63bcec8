using System.CommandLine;
using Defenses.Cli;
using Defenses.Papers;

namespace Defenses.Tests.Cli;

/// <summary>The folder that a command writes into is its own while it runs, whatever the command.</summary>
public sealed class OutFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("out-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Writing => [.. EntryPoint.Root.Subcommands.Where(command => command.Options.Any(option => option.Name == "--out"))
        .Select(command => command.Name)];

    [Theory]
    [MemberData(nameof(Writing))]
    public void No_command_writes_into_a_folder_in_use_not_even_to_overwrite_it(string command)
    {
        var kept = Path.Combine(_folder, "work", "run.json");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        File.WriteAllText(kept, "{}");
        var options = EntryPoint.Root.Subcommands.Single(one => one.Name == command);
        string[] arguments =
        [
            command, .. options.Arguments.Any() ? [_folder] : Array.Empty<string>(), "--out",
            command == "submit" ? Path.Combine(_folder, "record") : _folder,   // a record is written in one move, and its place among others is taken
            .. options.Options.Any(option => option.Name == "--overwrite") ? ["--overwrite"] : Array.Empty<string>(),
            .. options.Options.Any(option => option.Name == "--model") ? ["--model", "any"] : Array.Empty<string>(),
            .. options.Options.Any(option => option.Name == "--name") ? ["--name", "any"] : Array.Empty<string>(),
            .. options.Options.Any(option => option.Name == "--adversarial") ? ["--adversarial", "any"] : Array.Empty<string>(),
        ];
        using (OutFolder.Take(_folder))
        {
            var (code, output) = Tool.Call(arguments);
            code.Should().Be(1, output);
            output.Should().Contain("Another command writes into").And.Contain(_folder);
            File.ReadAllText(kept).Should().Be("{}");
        }
        Directory.GetFiles(_folder).Should().BeEmpty("the lock goes with its holder");
    }

    [Fact]
    public void A_run_that_is_overwritten_while_it_runs_keeps_its_folder_and_ends_well()
    {
        var run = Path.Combine(_folder, "run");
        using var first = Tool.Start(_folder, WholeRun.Command(run));
        first.Waits(() => File.Exists(Path.Combine(run, "work", "run.json"))).Should().BeTrue("or the test tests nothing");
        var (code, output) = Tool.Start(_folder, [.. WholeRun.Command(run), "--overwrite"]).Finish();
        code.Should().Be(1, output);
        output.Should().Contain("Another command writes into");
        (code, output) = first.Finish();
        code.Should().Be(0, output);
        WholeRun.ReportIn(run).Should().NotBeNull();
    }

    [Fact]
    public void A_folder_that_is_shared_lets_in_those_that_share_it_only()
    {
        var (first, second) = (OutFolder.Take(_folder, isShared: true), OutFolder.Take(_folder, isShared: true));
        FluentActions.Invoking(() => OutFolder.Take(_folder)).Should().Throw<UserError>();
        first.Dispose();
        FluentActions.Invoking(() => OutFolder.Take(_folder)).Should().Throw<UserError>();
        second.Dispose();
        Directory.GetFiles(_folder).Should().BeEmpty();
        using var alone = OutFolder.Take(_folder);
        alone.Share();
        OutFolder.Take(_folder, isShared: true).Dispose();
    }

    [Fact]
    public void Folders_that_were_made_and_stayed_empty_go_and_what_cannot_be_made_is_left_to_the_command()
    {
        OutFolder.Take(Path.Combine(_folder, "a", "b")).Dispose();
        Directory.EnumerateFileSystemEntries(_folder).Should().BeEmpty();
        foreach (var path in new[] { null, "", "/dev/null/x" }) OutFolder.Take(path).Dispose();
    }
}
