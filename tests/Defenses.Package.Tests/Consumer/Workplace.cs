namespace Defenses.Package.Tests.Consumer;

/// <summary>A folder outside the tree with two applications on the packed packages: README's program, and the one of the package's README.</summary>
public sealed class Workplace : IDisposable
{
    private readonly TestPackages? _packages;

    public Workplace()
    {
        Folder = Directory.CreateTempSubdirectory("defenses-consumer-").FullName;
        try
        {
            _packages = new TestPackages(Path.Combine(Folder, "packages"));
            Application.Settle(Folder, _packages.Folder);
            (Readme, Retrofit) = (MakeReadme(), MakeRetrofit());
        }
        catch
        {
            Dispose();   // the test runner disposes only what was made
            throw;
        }
    }

    public string Folder { get; }

    /// <summary>The version of the packages.</summary>
    public string Version => _packages!.Version;

    /// <summary>README's program, with the rest of samples/Retrofit.</summary>
    public string Readme { get; }

    /// <summary>The example of the package's README, a retrofit of resnet18, with checks behind it.</summary>
    public string Retrofit { get; }

    public void Dispose()
    {
        _packages?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private string MakeReadme()
    {
        var place = Application.Create(Folder, "readme", _packages!.Version, "Defenses.Zoo");
        File.WriteAllText(Path.Combine(place, "Program.cs"), Repository.Block("README.md", "In thirty lines", "csharp"));
        File.Copy(Repository.At("samples/Retrofit/Digits.cs"), Path.Combine(place, "Digits.cs"));
        return place;
    }

    private string MakeRetrofit()
    {
        var place = Application.Create(Folder, "retrofit", _packages!.Version, "TorchVision --version 0.107.0", "Defenses.Onnx");
        var checks = Repository.Read("tests/Defenses.Package.Tests/Consumer/RetrofitChecks.cs");
        File.WriteAllText(Path.Combine(place, "Program.cs"), Repository.Block("src/Defenses/README.md", "Example", "csharp") + checks);
        return place;
    }
}

/// <summary>Tests that share the workplace: NuGet unpacks its packages once for all users, and they are removed when the last test ends.</summary>
[CollectionDefinition(nameof(Workplace))]
public sealed class WorkplaceTests : ICollectionFixture<Workplace>;
