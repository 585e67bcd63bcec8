using System.Text.RegularExpressions;

namespace Defenses.Tests.Conventions;

public sealed partial class DocumentationTests
{
    [Theory]
    [InlineData("Layers", "Module", "docs/layers.md")]
    [InlineData("Attacks", "Attack", "docs/attacks.md")]
    public void Each_layer_and_attack_has_its_row(string folder, string ancestor, string page)
    {
        var names = Library.Types.Where(type =>
            type is { IsPublic: true, IsAbstract: false } && type.Namespace == "Defenses." + folder && Library.Derives(type, ancestor))
            .Select(type => type.Name.Split('`')[0]).ToList();
        names.Should().NotBeEmpty();
        WithoutRow(Repository.Read(page), names).Should().BeEmpty();
    }

    [Fact]
    public void A_name_without_a_row_is_found() =>
        WithoutRow("| `Pgd(ε)` | x |\n\n`Fgsm` is not in a table\n", ["Pgd", "Fgsm", "Pg"]).Should().Equal("Fgsm", "Pg");

    [Fact]
    public void Links_between_pages_lead_somewhere() =>
        Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal)).SelectMany(path => DeadLinks(path, Repository.Read(path))).Should()
            .BeEmpty();

    [Fact]
    public void A_dead_link_is_found() =>
        DeadLinks("docs/a.md", "[b](../README.md#more) [c](gone.md) [d](https://example.org/gone.md)").Should()
            .Equal("docs/a.md links to gone.md, which is not there.");


    [Fact]
    public void The_first_example_of_the_readme_is_the_retrofit_sample()
    {
        FirstExample(Repository.Read("README.md")).Should().Be(Repository.Read("samples/Retrofit/Program.cs"));
    }

    [Fact]
    public void The_retrofit_sample_has_thirty_lines_at_most()
    {
        File.ReadLines(Path.Combine(Repository.Root, "samples/Retrofit/Program.cs")).Count().Should().BeLessThanOrEqualTo(30);
    }

    [Theory]
    [InlineData("YourModel", "layers")]
    [InlineData("Judge", "evaluation")]
    [InlineData("Detect", "detection")]
    [InlineData("Certify", "certification")]
    [InlineData("Plan", "attacks")]
    [InlineData("Constraint", "attacks")]
    [InlineData("Transfer", "attacks")]
    public void A_program_of_one_file_has_fewer_than_60_lines_and_is_printed_on_the_page_of_its_subject(string sample, string page)
    {
        var text = Repository.Read($"samples/{sample}.cs");
        text.Split('\n').Should().HaveCountLessThan(61, "and nothing follows the last of them");
        Repository.Read($"docs/{page}.md").Should().Contain($"`dotnet run samples/{sample}.cs`").And.Contain($"\n```csharp\n{text}```\n");
    }

    [Fact]
    public void No_program_of_one_file_is_left_out() =>
        Repository.Under("samples", ".cs").Where(path => path.Count(letter => letter == '/') == 1).Should().HaveCount(7, "the test before has them all");

    [Fact]
    public void The_example_is_the_text_between_the_fences()
    {
        FirstExample("# A\n```sh\nls\n```\n\n```csharp\nvar a = 1;\n```\n```csharp\nb\n```\n").Should().Be("var a = 1;\n");
    }

    private static IEnumerable<string> WithoutRow(string page, IEnumerable<string> names) =>
        names.Where(name => !Regex.IsMatch(page, $@"^\|[^|]*`{name}[(`<]", RegexOptions.Multiline));

    private static IEnumerable<string> DeadLinks(string path, string text) =>
        Link().Matches(text).Select(match => match.Groups["target"].Value)
            .Where(target => !target.Contains("://") && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, target)))
            .Select(target => $"{path} links to {target}, which is not there.");

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)")]
    private static partial Regex Link();

    private static string FirstExample(string page)
    {
        const string Fence = "\n```csharp\n";
        var start = page.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        start.Should().BeGreaterThanOrEqualTo(Fence.Length, "the page has an example");
        return page[start..(page.IndexOf("\n```", start, StringComparison.Ordinal) + 1)];
    }
}
