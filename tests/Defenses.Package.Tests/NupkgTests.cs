using System.Text;
using System.Xml.Linq;

namespace Defenses.Package.Tests;

/// <summary>What is in the packages.</summary>
public sealed class NupkgTests
{
    private const string Project = "https://github.com/defenses-net/defenses";

    public static TheoryData<string> Packages => [.. Nupkg.Ids];

    [Fact]
    public void Nothing_else_is_packed()
    {
        var expected = Nupkg.Ids.Append("Defenses.Templates").Select(id => $"{id}.{Nupkg.Open("Defenses").Version}.nupkg").ToList();
        Directory.EnumerateFiles(Nupkg.Folder).Select(Path.GetFileName).Should().BeEquivalentTo(
            expected, because: "an old package is found as easily as a new one: remove the folder and pack again");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_holds_the_assembly_its_documentation_the_readme_and_the_icon(string id)
    {
        var package = Nupkg.Open(id);
        package.Entries.Should().Contain(["README.md", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]);
        XDocument.Parse(Encoding.UTF8.GetString(package.Read($"lib/net10.0/{id}.xml"))).Descendants("member")
            .Should().HaveCountGreaterThan(id == "Defenses.Onnx" ? 15 : 50);
        package.Read("icon.png").AsSpan(1, 3).SequenceEqual("PNG"u8).Should().BeTrue();
        var readme = Encoding.UTF8.GetString(package.Read("README.md")).ReplaceLineEndings("\n");
        readme.Should().StartWith($"# {id}\n").And.NotMatchRegex(@"\]\((?!https://)", because: "a page in a package has no files beside it");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Every_field_is_filled(string id)
    {
        var package = Nupkg.Open(id);
        var expected = new Dictionary<string, string>
        {
            ["id"] = id, ["version"] = "*.*.*", ["authors"] = "The Defenses authors", ["license"] = "MIT", ["icon"] = "icon.png", ["readme"] = "README.md",
            ["projectUrl"] = Project, ["description"] = "*TorchSharp*", ["releaseNotes"] = "*/CHANGELOG.md", ["copyright"] = "Copyright*",
            ["tags"] = "TorchSharp *adversarial*",
        };
        if (id != "Defenses") expected["description"] = "*Defenses*";
        foreach (var (field, pattern) in expected) package.Field(field).Should().Match(pattern, because: field);
        package.Repo("type").Should().Be("git");
        package.Repo("url").Should().Be(Project);
        if (Repository.IsClone) package.Repo("commit").Should().HaveLength(40);
    }

    [Fact]
    public void The_packages_depend_on_the_managed_part_of_torch_and_on_what_has_a_reason()
    {
        Nupkg.Open("Defenses").Dependencies.Should().BeEquivalentTo("MathNet.Numerics", "TorchSharp");
        Nupkg.Open("Defenses.Zoo").Dependencies.Should().Contain("Defenses").And.BeSubsetOf(
            ["Defenses", "MathNet.Numerics", "SkiaSharp", "TorchSharp", "TorchSharp.PyBridge"]);
        Nupkg.Open("Defenses.Onnx").Dependencies.Should().BeEquivalentTo("Defenses", "Microsoft.ML.OnnxRuntime", "TorchSharp");
    }

    [Fact]
    public void The_build_step_is_there_for_direct_and_for_indirect_users() =>
        Nupkg.Open("Defenses").Entries.Should().Contain(
            ["build/Defenses.targets", "build/MarkVersionNeedWeak.cs", "buildTransitive/Defenses.targets", "buildTransitive/MarkVersionNeedWeak.cs"]);

    [Theory]
    [MemberData(nameof(Packages))]
    public void Symbols_name_sources_by_their_place_in_the_repository_and_lead_to_them(string id)
    {
        var package = Nupkg.Open(id);
        var (documents, link) = package.Symbols();
        documents.Should().HaveCountGreaterThan(id == "Defenses.Onnx" ? 5 : 10).And.OnlyContain(path => path.StartsWith("/_/", StringComparison.Ordinal));
        if (Repository.IsClone) link.Should().Contain($"https://raw.githubusercontent.com/defenses-net/defenses/{package.Repo("commit")}/");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void No_assembly_names_a_folder_of_the_machine_that_built_it(string id)
    {
        var assembly = Nupkg.Open(id).Assembly;
        foreach (var folder in new[] { Repository.Root, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + Path.DirectorySeparatorChar })
        {
            assembly.AsSpan().IndexOf(Encoding.UTF8.GetBytes(folder)).Should().Be(-1, because: folder);
            assembly.AsSpan().IndexOf(Encoding.Unicode.GetBytes(folder)).Should().Be(-1, because: folder);
        }
    }
}
