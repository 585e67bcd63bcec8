using System.Text.Json;
using Defenses.Package.Tests.Consumer;

namespace Defenses.Package.Tests;

/// <summary>What a user of the template does: installs it, makes an application, and runs it on pictures and saved weights.</summary>
[Collection(nameof(Workplace))]
public sealed class TemplateTests(Workplace workplace)
{
    private const string Id = "Defenses.Templates";

    [Fact]
    public void An_application_of_the_template_writes_a_report()
    {
        var hive = Path.Combine(workplace.Folder, "templates");
        Command.Run(workplace.Folder, "dotnet", "new", "install", Package(), "--debug:custom-hive", hive);
        Command.Run(workplace.Folder, "dotnet", "new", "robustness-report", "-o", "Mine", "--defenses", workplace.Version, "--debug:custom-hive", hive);
        var mine = Path.Combine(workplace.Folder, "Mine");
        File.ReadAllText(Path.Combine(mine, "Network.cs")).Should().Contain("namespace Mine;");
        MakeData(mine);

        var output = Command.Run(mine, "dotnet", "run", "-c", "Release", "--", "../data/pictures", "../data/weights.safetensors", "report");
        output.Should().Contain(Path.Combine("report", "report.html"));
        File.ReadAllText(Path.Combine(mine, "report", "report.html")).Should().Contain("behind noise").And.MatchRegex(@"digit \d");
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(mine, "report", "report.json")));
        report.RootElement.GetProperty("defenses").GetArrayLength().Should().Be(2);
    }

    [Fact]
    public void The_template_asks_for_the_packages_of_this_tree()
    {
        var template = Repository.Read("templates/robustness-report/.template.config/template.json");
        template.Should().Contain($"\"defaultValue\": \"{Nupkg.Open("Defenses").Version}\"");
        Repository.Read("templates/robustness-report/RobustnessReport.csproj").Should().Contain("Version=\"0.107.0\"").And.Contain("Version=\"4.155.0\"");
        Repository.Read("Directory.Packages.props").Should().Contain("\"TorchSharp-cpu\" Version=\"0.107.0\"")
            .And.Contain("\"SkiaSharp.NativeAssets.Linux.NoDependencies\" Version=\"4.155.0\"");
    }

    // Beside the application, in data: its own network, trained on drawn digits.
    private void MakeData(string mine)
    {
        var maker = Directory.CreateDirectory(Path.Combine(workplace.Folder, "maker")).FullName;
        var data = Directory.CreateDirectory(Path.Combine(workplace.Folder, "data")).FullName;
        File.Copy(Path.Combine(mine, "Mine.csproj"), Path.Combine(maker, "maker.csproj"));
        File.WriteAllText(Path.Combine(maker, "Network.cs"), Repository.Read("templates/robustness-report/Network.cs"));
        File.WriteAllText(Path.Combine(maker, "Program.cs"), Repository.Read("tests/Defenses.Package.Tests/Consumer/TemplateData.cs"));
        Command.Run(maker, "dotnet", "run", "-c", "Release", "--", data);
    }

    private static string Package()
    {
        var made = Directory.Exists(Nupkg.Folder) ? Directory.GetFiles(Nupkg.Folder, $"{Id}.*.nupkg") : [];
        return made.MaxBy(File.GetLastWriteTimeUtc)
            ?? throw new FileNotFoundException($"There is no package {Id} in '{Nupkg.Folder}'. Make it, in '{Repository.Root}': {Nupkg.PackCommand}");
    }
}
