namespace Defenses.Tests.Conventions;

/// <summary>The rules for files, applied to the tree, and each shown to catch what it is for.</summary>
public sealed class SourceRulesTests
{
    // Text that a person writes; test data and images are not read.
    private static readonly string[] TextEndings =
        [".cs", ".cpp", ".h", ".csproj", ".props", ".targets", ".sln", ".md", ".sh", ".yml", ".json", ".txt", ".html", ".css", ".js", ".editorconfig",
            ".ci/run"];

    private static IEnumerable<string> Library =>
        new[] { "src/Defenses", "src/Defenses.Zoo", "src/Defenses.Onnx" }.SelectMany(folder => Repository.Under(folder, ".cs"));

    // All projects whose files have a limited length: the libraries, the tool and the papers.
    private static IEnumerable<string> Sources =>
        Library.Concat(Repository.Under("src/Defenses.Cli", ".cs")).Concat(Repository.Under("src/Defenses.Papers", ".cs"));

    private static IEnumerable<string> Code => Repository.Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Texts => Repository.Files.Where(path => TextEndings.Any(path.EndsWith));

    [Fact]
    public void Each_file_of_the_library_holds_one_public_type_that_does_something() =>
        Library.SelectMany(path => SourceRules.OneSubjectPerFile(path, Repository.Read(path))).Should().BeEmpty();

    [Fact]
    public void Each_file_of_the_library_lies_in_the_folder_of_its_namespace() =>
        Repository.Under("src/Defenses", ".cs").SelectMany(path => SourceRules.NamespaceIsFolder(path, Repository.Read(path))).Should().BeEmpty();

    [Fact]
    public void No_file_of_the_sources_is_longer_than_200_lines()
    {
        Sources.Select(path => path.Split('/')[1]).Distinct().Should().BeEquivalentTo(
            "Defenses", "Defenses.Zoo", "Defenses.Onnx", "Defenses.Cli", "Defenses.Papers");
        Sources.SelectMany(path => SourceRules.NoLongerThan(200, path, Repository.Read(path))).Should().BeEmpty();
    }

    [Fact]
    public void No_line_of_code_in_the_tree_is_wider_than_160_columns() =>
        Code.SelectMany(path => SourceRules.NoLineWiderThan(160, path, Repository.Read(path))).Should().BeEmpty();

    [Fact]
    public void Nothing_in_the_tree_is_left_unfinished_or_silenced() =>
        Code.SelectMany(path => SourceRules.Finished(path, Repository.Read(path))).Should().BeEmpty();

    [Fact]
    public void No_file_names_a_machine() =>
        Texts.SelectMany(path => SourceRules.NoMachine(path, Repository.Read(path))).Should().BeEmpty();

    [Fact]
    public void Each_package_has_a_reason() => SourceRules.PackagesHaveReasons(Repository.Read("Directory.Packages.props")).Should().BeEmpty();

    [Theory]
    [InlineData("public sealed class A;\npublic sealed class B { }\n", "*2 public types: A, B*")]
    [InlineData("public abstract record A;\npublic sealed record B(int X) : A\n{\n}\n", "*2 public types: A, B*")]
    [InlineData("public sealed class A;\npublic interface B;\n", "*2 public types: A, B*")]
    [InlineData("public readonly record struct B(int X);\n", "*public type B*")]
    [InlineData("public static partial class B\n{\n}\n", "*public type B*")]
    [InlineData("public delegate void B(int a);\n", "*public type B*")]
    [InlineData("public abstract class B<T> : C where T : class\n{\n}\n", "*public type B*")]
    public void A_second_or_misnamed_public_type_is_found(string text, string sentence) =>
        SourceRules.OneSubjectPerFile("src/Defenses/A.cs", text).Should().ContainSingle().Which.Should().Match(sentence);

    [Theory]
    [InlineData("public sealed class A\n{\n    public enum Nested { X }\n}\ninternal sealed class B;\n")]
    [InlineData("public abstract record A(int X)\n{\n    public record class Nested;\n}\n")]
    [InlineData("internal static class B;\n")]
    [InlineData("public sealed class A;\npublic enum B { C }\npublic readonly record struct C(int X);\npublic sealed record D(int X)\n{\n}\npublic " +
        "delegate void E(int a);\n")]
    [InlineData("public sealed class A;\npublic sealed class AException(string m) : Exception(m);\n")]
    public void Nested_and_internal_types_and_what_belongs_to_the_subject_are_free(string text) =>
        SourceRules.OneSubjectPerFile("src/Defenses/A.cs", text).Should().BeEmpty();

    [Fact]
    public void A_file_in_the_wrong_folder_is_found()
    {
        SourceRules.NamespaceIsFolder("src/Defenses/Layers/A.cs", "namespace Defenses.Attacks;\n").Should().ContainSingle().Which.Should()
            .Contain("Defenses.Layers");
        SourceRules.NamespaceIsFolder("src/Defenses/Attacks/Budget/A.cs", "namespace Defenses.Attacks.Budget;\n").Should().ContainSingle().Which.Should()
            .Contain("Defenses.Attacks");
        SourceRules.NamespaceIsFolder("src/Defenses/Attacks/Budget/A.cs", "namespace Defenses.Attacks;\n").Should().BeEmpty();
        SourceRules.NamespaceIsFolder("src/Defenses/Evaluation/Checks/Model/A.cs", "namespace Defenses.Evaluation.Checks;\n").Should().BeEmpty();
        SourceRules.NamespaceIsFolder("src/Defenses.Zoo/Data/A.cs", "namespace Defenses.Zoo.Data;\n").Should().BeEmpty();
    }

    [Fact]
    public void A_long_file_is_found_by_its_last_line()
    {
        SourceRules.NoLongerThan(3, "A.cs", "1\n2\n3\n").Should().BeEmpty();
        SourceRules.NoLongerThan(3, "A.cs", "1\n2\n3\n4").Should().ContainSingle().Which.Should().Contain("4 lines");
    }

    [Fact]
    public void A_wide_line_is_found_with_its_number()
    {
        SourceRules.NoLineWiderThan(5, "A.cs", "1234\nε₁κρ\r\n12345\n").Should().BeEmpty();
        SourceRules.NoLineWiderThan(4, "A.cs", "1234\nε₁κρ\r\n12345\n").Should().ContainSingle().Which.Should().StartWith("A.cs:3 has 5 columns");
    }

    [Theory]
    [InlineData("a\n// TO" + "DO: later\n")]
    [InlineData("throw\n new NotImplemented" + "Exception();")]
    [InlineData("\n#pra" + "gma warning disable CS1591")]
    [InlineData("\n[Fact(Sk" + "ip = \"flaky\")]")]
    public void Unfinished_and_silenced_code_is_found_with_its_line(string text) =>
        SourceRules.Finished("A.cs", text).Should().ContainSingle().Which.Should().StartWith("A.cs:2 ");

    [Theory]
    [InlineData("\ncd /ro" + "ot/models", true)]
    [InlineData("\nread(\"/ho" + "me/ann/x\")", true)]
    [InlineData("\nC:\\Us" + "ers\\ann", true)]
    [InlineData("\nhttp://local" + "host:8080/v3", true)]
    [InlineData("\nsource=https://nuget.co" + "rp/v3", true)]
    [InlineData("\nsee ./work/plan, framework/x and https://example.org/work/x", false)]
    public void A_place_of_one_machine_is_found_with_its_line(string text, bool found) =>
        SourceRules.NoMachine("A.md", text).Any(sentence => sentence.StartsWith("A.md:2 ", StringComparison.Ordinal)).Should().Be(found);

    [Fact]
    public void A_package_without_a_reason_is_found()
    {
        const string Packages = """
            <Project><ItemGroup>
              <!-- Exact distributions. -->
              <PackageVersion Include="A" Version="1" />
              <PackageVersion Include="B" Version="1" />
            </ItemGroup></Project>
            """;
        SourceRules.PackagesHaveReasons(Packages).Should().ContainSingle().Which.Should().StartWith("B ");
    }
}
