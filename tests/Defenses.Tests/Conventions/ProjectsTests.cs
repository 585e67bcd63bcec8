using System.Xml.Linq;

namespace Defenses.Tests.Conventions;

/// <summary>Which project may use which, and see what of it.</summary>
public sealed class ProjectsTests
{
    private static IEnumerable<string> Projects => Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void Only_tests_see_internals() =>
        Projects.SelectMany(path => Named(path, "InternalsVisibleTo")).Distinct().Should().Equal("Defenses.Tests");

    [Theory]
    [InlineData("Defenses")]
    [InlineData("Defenses.Zoo", "Defenses")]
    [InlineData("Defenses.Onnx", "Defenses")]
    [InlineData("Defenses.Papers", "Defenses", "Defenses.Zoo")]
    [InlineData("Defenses.Cli", "Defenses", "Defenses.Zoo", "Defenses.Papers")]
    public void A_project_references_those_before_it_only(string project, params string[] others) =>
        Named($"src/{project}/{project}.csproj", "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'))).Should()
            .BeSubsetOf(others);

    private static IEnumerable<string> Named(string project, string item) =>
        XDocument.Parse(Repository.Read(project)).Descendants(item).Select(element => element.Attribute("Include")!.Value);
}
