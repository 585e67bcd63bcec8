using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Defenses.Tests.Samples.Protocols;

/// <summary>Protocols that are killed as processes.</summary>
public sealed class KilledProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("killed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("hrs")]
    [InlineData("random-spiking")]
    public void A_protocol_killed_at_any_moment_and_resumed_ends_with_the_same_report(string protocol)
    {
        var watch = Stopwatch.StartNew();
        var (code, output) = Start(protocol, "whole").Finish();
        code.Should().Be(0, output);
        bool killed;
        using (var run = Start(protocol, "killed")) killed = run.KillAfter(watch.Elapsed * 0.5);
        killed.Should().BeTrue("or the test tests nothing");
        (code, output) = Start(protocol, "killed", File.Exists(Path.Combine(_folder, "killed", "work", "run.json")) ? ["--resume"] : []).Finish();
        code.Should().Be(0, output);
        Report("killed").Should().Be(Report("whole"));
        Directory.EnumerateFiles(_folder, "*.tmp", SearchOption.AllDirectories).Should().BeEmpty("nothing half-written stays");
    }

    private Tool Start(string protocol, string name, params string[] more) =>
        Tool.Start(_folder, ["run", "--protocol", protocol, "--dataset", "synthetic", "--preset", "smoke", "--seed", "3", "--threads", "1", "--out", Path.Combine(_folder, name), .. more]);

    private string Report(string name)
    {
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, name, "protocol.json")))!.AsObject();
        report.Remove("timing").Should().BeTrue();
        return report.ToJsonString();
    }
}
