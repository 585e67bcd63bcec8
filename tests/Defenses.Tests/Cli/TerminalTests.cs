using Defenses.Cli;
using Spectre.Console;

namespace Defenses.Tests.Cli;

/// <summary>What the tool writes is made for its reader: a terminal, or a file.</summary>
public sealed class TerminalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("terminal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Output_into_a_pipe_has_no_escapes_and_is_not_cut_to_a_width()
    {
        var folder = Path.Combine(_folder, new string('x', 120));
        var start = WholeRun.Command(folder);
        var (code, output) = Tool.Run(_folder, "env", ["GITHUB_ACTIONS=true", "TERM=xterm-256color", "COLORTERM=truecolor", "dotnet", Tool.Path, .. start])
            .Finish();
        code.Should().Be(0, output);
        output.Should().NotContain("\x1b").And.Contain($"Work is kept in {folder}; Ctrl-C and --resume at any time.")
            .And.Contain(Path.Combine(folder, "report.html"));
        output.Split('\n').Should().Contain(line => line.Contains("accuracy under attack") && line.Contains("defense rate") && line.Contains("cost"));
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, "", true)]
    [InlineData(true, "1", false)]
    [InlineData(false, null, false)]
    public void Colours_are_for_terminals_and_NO_COLOR_takes_them(bool isTerminal, string? noColor, bool isColoured)
    {
        using var written = new StringWriter();
        var console = Terminal.Create(written, isTerminal, noColor);
        if (isTerminal) console.Profile.Capabilities.Ansi = true;   // this writer is none, which the library sees
        if (isColoured) console.Profile.Capabilities.ColorSystem = ColorSystem.EightBit;
        console.MarkupLine("[yellow]warning[/]");
        $"{written}".Contains("\x1b[", StringComparison.Ordinal).Should().Be(isColoured);
    }
}
