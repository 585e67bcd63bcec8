using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Defenses.Package.Tests.Consumer;

/// <summary>Copies of the packages under a version of their own, 0.1.0-test.h1a2b…, so that no package of an earlier build is found instead.</summary>
/// <remarks>Only the nuspec changes. Disposing it removes what NuGet unpacked of them from the user's folder of packages.</remarks>
internal sealed class TestPackages : IDisposable
{
    public TestPackages(string folder)
    {
        Folder = Directory.CreateDirectory(folder).FullName;
        var packages = Nupkg.Ids.Select(Nupkg.Open).ToList();
        var hash = SHA256.HashData([.. packages.SelectMany(package => File.ReadAllBytes(package.Path))]);
        Version = $"{packages[0].Version}-test.h{Convert.ToHexStringLower(hash)[..12]}";
        foreach (var package in packages) Copy(package);
    }

    public string Folder { get; }

    public string Version { get; }

    public void Dispose()
    {
        var cache = Command.Run(Folder, "dotnet", "nuget", "locals", "global-packages", "--list").Split(": ", 2)[1].Trim();
        foreach (var unpacked in Nupkg.Ids.Select(id => Path.Combine(cache, id.ToLowerInvariant(), Version)).Where(Directory.Exists))
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }

    private void Copy(Nupkg package)
    {
        var copy = Path.Combine(Folder, $"{package.Id}.{Version}.nupkg");
        File.Copy(package.Path, copy);
        using var zip = ZipFile.Open(copy, ZipArchiveMode.Update);
        zip.GetEntry(package.Id + ".nuspec")!.Delete();
        var nuspec = Encoding.UTF8.GetString(package.Read(package.Id + ".nuspec"))
            .Replace($"<version>{package.Version}</version>", $"<version>{Version}</version>")
            .Replace($"<dependency id=\"Defenses\" version=\"{package.Version}\"", $"<dependency id=\"Defenses\" version=\"{Version}\"");
        using var writer = new StreamWriter(zip.CreateEntry(package.Id + ".nuspec").Open());
        writer.Write(nuspec);
    }
}
