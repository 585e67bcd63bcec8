using System.Text.Json.Nodes;
using Defenses.Tests.Cli;

namespace Defenses.Tests.Papers;

/// <summary>A protocol that is killed as a process. What each loses by a stop, and finds again, is told by its own tests.</summary>
public sealed class KilledProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("killed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_protocol_killed_at_any_moment_and_resumed_ends_with_the_same_report()
    {
        var (code, output) = Start("whole").Finish();
        code.Should().Be(0, output);
        bool killed;
        using (var run = Start("killed")) killed = run.KillHalfway(Path.Combine(_folder, "whole"), Path.Combine(_folder, "killed"));
        killed.Should().BeTrue("or the test tests nothing");
        (code, output) = Start("killed", File.Exists(Path.Combine(_folder, "killed", "work", "run.json")) ? ["--resume"] : []).Finish();
        code.Should().Be(0, output);
        Report("killed").Should().Be(Report("whole"));
        Directory.EnumerateFiles(_folder, "*.part", SearchOption.AllDirectories).Should().BeEmpty("nothing half-written stays");
    }

    private Tool Start(string name, params string[] more) =>
        Tool.Start(_folder, ["run", "--protocol", "jumprelu", "--dataset", "synthetic", "--preset", "smoke", "--seed", "3", "--threads", "1", "--out",
            Path.Combine(_folder, name), .. more]);

    private string Report(string name)
    {
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, name, "protocol.json")))!.AsObject();
        report.Remove("timing").Should().BeTrue();
        return report.ToJsonString();
    }
}
