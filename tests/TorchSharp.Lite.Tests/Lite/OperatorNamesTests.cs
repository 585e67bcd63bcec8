using System.Text.RegularExpressions;

namespace TorchSharp.Lite.Tests.Lite;

public sealed partial class OperatorNamesTests
{
    [Fact]
    public void Every_operator_that_the_sources_name_exists_in_this_libtorch()
    {
        var names = Sources().SelectMany(file => Names(File.ReadAllText(file))).Distinct().ToList();
        names.Count.Should().BeGreaterThan(400, "this is how the sources call operators");
        names.Where(name => !Exists(name)).Should().BeEmpty();
    }

    private static bool Exists(string name)
    {
        try
        {
            Op.Require(name);
            return true;
        }
        catch (System.Runtime.InteropServices.ExternalException)
        {
            return false;
        }
    }

    // The first argument of a call may be a choice between names.
    private static IEnumerable<string> Names(string text) =>
        Call().Matches(text).SelectMany(call => Literal().Matches(call.Groups["first"].Value)).Select(literal => literal.Groups["name"].Value);

    private static IEnumerable<string> Sources()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Defenses.sln"))) folder = folder.Parent;
        folder.Should().NotBeNull("the tests run inside the repository");
        return Directory.EnumerateFiles(Path.Combine(folder!.FullName, "src", "TorchSharp.Lite"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\b(?:Op\.\w+|New)\((?<first>[^,;]*)")]
    private static partial Regex Call();

    [GeneratedRegex(@"""(?<name>[a-z_0-9]+(?:\.\w+)?)""", RegexOptions.IgnoreCase)]
    private static partial Regex Literal();
}
