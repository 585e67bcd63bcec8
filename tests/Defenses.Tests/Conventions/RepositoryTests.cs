namespace Defenses.Tests.Conventions;

public sealed class RepositoryTests
{
    [Fact]
    public void The_root_is_found_from_any_folder_below_it()
    {
        Repository.FindRoot(Path.Combine(Repository.Root, "src", "Defenses")).Should().Be(Repository.Root);
    }

    [Fact]
    public void A_folder_outside_the_tree_is_an_error_that_names_it()
    {
        var outside = Path.GetPathRoot(Repository.Root)!;
        var act = () => Repository.FindRoot(outside);
        act.Should().Throw<DirectoryNotFoundException>().WithMessage($"*'{outside}'*Defenses.sln*");
    }

    [Fact]
    public void The_files_are_those_of_the_tree_without_build_outputs()
    {
        Repository.Files.Should().Contain(["Defenses.sln", "README.md", "src/Defenses/Defenses.csproj"]);
        Repository.Files.Should().NotContain(path => path.Contains("/obj/") || path.Contains("/bin/"));
        Repository.Walked(Repository.Root).Should().Contain(Repository.Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)));
    }
}
