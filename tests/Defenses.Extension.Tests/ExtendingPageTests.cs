using System.Reflection;
using System.Runtime.CompilerServices;
using Defenses.Attacks;

namespace Outside;

/// <summary>The examples of docs/extending.md and docs/your-model.md are parts of the files of this project.</summary>
public sealed class ExtendingPageTests
{
    private static readonly string s_root = Root(AppContext.BaseDirectory);

    [Theory]
    [InlineData("extending.md", 11)]
    [InlineData("your-model.md", 5)]
    public void Each_example_of_the_page_stands_in_a_file_of_this_project(string page, int least)
    {
        var files = Directory.GetFiles(Path.Combine(s_root, "tests", "Defenses.Extension.Tests"), "*.cs").Select(path => Bare(File.ReadAllText(path))).ToList();
        var examples = Examples(File.ReadAllText(Path.Combine(s_root, "docs", page)));
        examples.Should().HaveCountGreaterThanOrEqualTo(least);
        foreach (var example in examples) files.Should().Contain(file => file.Contains(example, StringComparison.Ordinal), example);
    }

    [Fact]
    public void This_project_is_no_friend_of_the_library() =>
        typeof(Attack).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName)
            .Should().NotContain(typeof(ExtendingPageTests).Assembly.GetName().Name);

    [Fact]
    public void Examples_are_the_texts_between_the_fences() =>
        Examples("a\n```csharp\nvar a = 1;\n  b();\n```\n```sh\nls\n```\n```csharp\nc\n```\n").Should().Equal("var a = 1;\nb();", "c");

    private static List<string> Examples(string page) =>
        [.. page.Split("```csharp\n").Skip(1).Select(text => Bare(text[..text.IndexOf("\n```", StringComparison.Ordinal)]))];

    // Without indentation.
    private static string Bare(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()));

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "Defenses.sln")) ? folder : Root(Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar))!);
}
