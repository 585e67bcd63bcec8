using System.IO.Compression;

namespace Defenses.Package.Tests;

/// <summary>What is in the packages of the tool.</summary>
public sealed class ToolPackageTests
{
    private const string Id = "defenses", PackCommand = "dotnet pack src/Defenses.Cli -c Release";

    [Theory]
    [InlineData("linux-x64", "libLibTorchSharp.so", "libtorch_cpu.so")]
    [InlineData("win-x64", "LibTorchSharp.dll", "torch_cpu.dll")]
    [InlineData("osx-arm64", "libLibTorchSharp.dylib", "libtorch_cpu.dylib")]
    public void A_system_has_a_package_with_its_torch_and_no_others(string system, string bridge, string torch)
    {
        var entries = Entries($"{Id}.{system}");
        string[] expected = ["Defenses.Cli.dll", "Defenses.Papers.dll", "Defenses.dll", "Defenses.Zoo.dll", bridge, torch];
        entries.Should().Contain(expected.Select(name => $"tools/net10.0/{system}/{name}")).And.Contain("README.md");
        entries.Where(entry => Path.GetFileName(entry).Contains("LibTorchSharp.", StringComparison.Ordinal)).Should().ContainSingle();
    }

    [Fact]
    public void The_package_of_the_id_leads_to_those_of_the_systems()
    {
        using var zip = ZipFile.OpenRead(Newest(Id));
        var settings = zip.Entries.Single(entry => entry.Name == "DotnetToolSettings.xml");
        using var reader = new StreamReader(settings.Open());
        var text = reader.ReadToEnd();
        foreach (var system in new[] { "linux-x64", "win-x64", "osx-arm64" }) text.Should().Contain($"{Id}.{system}");
        text.Should().Contain("Name=\"defenses\"");
    }

    private static string[] Entries(string id)
    {
        using var zip = ZipFile.OpenRead(Newest(id));
        return [.. zip.Entries.Select(entry => entry.FullName)];
    }

    private static string Newest(string id)
    {
        var folder = Repository.At("artifacts/tool");
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, $"{id}.*.nupkg") : [];
        return files.Where(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1])).MaxBy(File.GetLastWriteTimeUtc)
            ?? throw new FileNotFoundException($"There is no package {id} in '{folder}'. Make it, in '{Repository.Root}': {PackCommand}");
    }
}
