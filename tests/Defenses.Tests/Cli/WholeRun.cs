using System.Text.Json.Nodes;

namespace Defenses.Tests.Cli;

/// <summary>The main job at its smallest, run as one process in one piece, once for all tests that compare with it.</summary>
public sealed class WholeRun : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("whole-").FullName;
    private readonly Lazy<string> _report;

    public WholeRun() => _report = new Lazy<string>(() =>
    {
        var (code, output) = Tool.Start(_folder, Command(_folder)).Finish();
        code.Should().Be(0, output);
        return ReportIn(_folder)!;
    });

    /// <summary>Its report without the times.</summary>
    internal string Report => _report.Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The same run into a folder.</summary>
    internal static string[] Command(string folder) => ["run", "--dataset", "synthetic", "--preset", "smoke", "--images", "7", "--defense", "SAP",
        "--threads", "1", "--out", folder];

    /// <summary>The report in a folder, without the times; null if there is none.</summary>
    internal static string? ReportIn(string folder)
    {
        var file = Path.Combine(folder, "report.json");
        if (!File.Exists(file)) return null;
        var report = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        report.Remove("timing").Should().BeTrue("the report keeps its times apart");
        return report.ToJsonString();
    }
}
