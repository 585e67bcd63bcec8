using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Defenses.Tests.Samples;

/// <summary>A protocol at its smallest, run in one piece, and killed twice on its way.</summary>
internal static class KilledRun
{
    internal static void EndsWithTheSameReport(string folder, string protocol)
    {
        Tool Start(string name, params string[] more) => Tool.Start(folder,
            ["run", "--protocol", protocol, "--dataset", "synthetic", "--preset", "smoke", "--threads", "1", "--out", Path.Combine(folder, name), .. more]);
        var watch = Stopwatch.StartNew();
        var (code, output) = Start("whole").Finish();
        code.Should().Be(0, output);
        var (span, kills) = (watch.Elapsed, 0);
        using (var run = Start("killed")) kills += run.KillAfter(span * 0.4) ? 1 : 0;
        using (var run = Start("killed", "--resume")) kills += run.KillAfter(span * 0.4) ? 1 : 0;
        kills.Should().BeGreaterThan(0, "or the test tests nothing");
        (code, output) = Start("killed", "--resume").Finish();
        code.Should().Be(0, output);
        Report(folder, "killed").Should().Be(Report(folder, "whole"));
        Directory.EnumerateFiles(folder, "*.tmp", SearchOption.AllDirectories).Should().BeEmpty("nothing half-written stays");
    }

    // Without the times.
    private static string Report(string folder, string name)
    {
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, name, "protocol.json")))!.AsObject();
        report.Remove("timing").Should().BeTrue("the report keeps its times apart");
        return report.ToJsonString();
    }
}
