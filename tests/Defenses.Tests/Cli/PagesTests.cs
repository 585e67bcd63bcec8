using System.Text.RegularExpressions;
using Defenses.Cli;
using Defenses.Tests.Conventions;

namespace Defenses.Tests.Cli;

/// <summary>What the pages print of the command line is what it takes, and what it takes is printed.</summary>
public sealed partial class PagesTests
{
    private const string Page = "docs/command-line.md";

    public static TheoryData<string, string> Lines
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var path in Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal)))
                foreach (var line in CommandLines(Repository.Read(path), inSentences: false).Distinct()) data.Add(path, line);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_printed_command_line_is_understood(string path, string line) =>
        EntryPoint.Root.Parse(Words(line)).Errors.Select(error => error.Message).Should().BeEmpty($"{path} prints: defenses {line}");

    // A sentence may name a command with one option of it: both must exist.
    [Fact]
    public void A_command_that_a_sentence_names_exists_with_the_options_that_it_names()
    {
        var mentions = Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(path => CommandLines(Repository.Read(path), inSentences: true).Distinct().Select(line => (Path: path, Line: line))).ToArray();
        mentions.Should().NotBeEmpty();
        foreach (var (path, line) in mentions)
        {
            var command = EntryPoint.Root.Subcommands.SingleOrDefault(command => command.Name == line.Split(' ')[0]);
            command.Should().NotBeNull($"{path} names `defenses {line}`");
            Option().Matches(line).Select(match => match.Value).Except(command!.Options.Select(option => option.Name)).Should()
                .BeEmpty($"{path} names `defenses {line}`");
        }
    }

    [Fact]
    public void The_lines_are_those_of_code_and_of_sentences_without_what_a_shell_takes_away()
    {
        const string Text = "`defenses` is a tool. `defenses merge \"$HOME/a\" b`\n```sh\ndefenses run --out x    # a remark\n"
            + "dotnet run -c Release --project src/Defenses.Cli -- demo\ncd defenses && cd x\n```\nThe defenses of a network\n";
        CommandLines(Text, inSentences: false).Should().Equal("run --out x", "demo");
        CommandLines(Text, inSentences: true).Should().Equal("merge \"$HOME/a\" b");
        Words("merge \"$HOME/a b\" --shard \"$I/$N\"").Should().Equal("merge", "1/a b", "--shard", "0/4");
        EntryPoint.Root.Parse(Words("attack --modell x")).Errors.Should().NotBeEmpty("or the test tests nothing");
    }

    [Fact]
    public void Every_option_of_a_command_is_on_the_page_of_the_command_line_and_every_option_there_exists()
    {
        var options = EntryPoint.Root.Subcommands.SelectMany(command => command.Options).Select(option => option.Name).Where(name => name.StartsWith("--"))
            .Distinct().ToArray();
        var page = Option().Matches(Repository.Read(Page)).Select(match => match.Value).ToHashSet();
        options.Except(page).Should().BeEmpty("the page names them all");
        page.Except([.. options, "--help", "--project"]).Should().BeEmpty("there is no other, but for that of dotnet run");
        foreach (var command in EntryPoint.Root.Subcommands) Repository.Read(Page).Should().Contain($"`{command.Name}`");
    }

    // Fenced lines that begin with the tool's name, and code within sentences that does.
    private static IEnumerable<string> CommandLines(string text, bool inSentences) =>
        Line().Matches(text).Where(match => match.Value.StartsWith('`') == inSentences)
            .Select(match => match.Groups["line"].Value.Split(" #")[0].TrimEnd(' ', '`'));

    // As a shell splits them; what a variable stands for is a number, or a part of a number of parts.
    private static string[] Words(string line) => [.. Word().Matches(Variable().Replace(Parts().Replace(line, "0/4"), "1"))
        .Select(match => match.Value.Replace("\"", ""))];

    [GeneratedRegex(@"(?:^|`)(?:defenses|dotnet run -c Release --project src/Defenses\.Cli --) (?<line>(?:[a-z]+)(?: [^`\n]*)?)(?=`|$)",
        RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("""(?:"[^"]*"|[^\s"])+""")]
    private static partial Regex Word();

    [GeneratedRegex(@"\$\w+/(?:\$\w+|\d+)")]
    private static partial Regex Parts();

    [GeneratedRegex(@"\$\w+")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<![\w-])--[a-z]+(?:-[a-z]+)*")]
    private static partial Regex Option();
}
