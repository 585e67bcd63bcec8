namespace Defenses.Tests.Conventions;

public sealed class DocumentationTests
{
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

    [Fact]
    public void The_example_is_the_text_between_the_fences()
    {
        FirstExample("# A\n```sh\nls\n```\n\n```csharp\nvar a = 1;\n```\n```csharp\nb\n```\n").Should().Be("var a = 1;\n");
    }

    private static string FirstExample(string page)
    {
        const string Fence = "\n```csharp\n";
        var start = page.IndexOf(Fence, StringComparison.Ordinal) + Fence.Length;
        start.Should().BeGreaterThanOrEqualTo(Fence.Length, "the page has an example");
        return page[start..(page.IndexOf("\n```", start, StringComparison.Ordinal) + 1)];
    }
}
