using DefenseBench;
using DefenseBench.Protocols;
using DefenseBench.Protocols.Hrs;
using Spectre.Console;

namespace Defenses.Tests.Samples;

/// <summary>The HRS paper's experiments, at their smallest.</summary>
public sealed class HrsProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hrs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Half_of_the_steps_done_it_ends_with_the_page_of_a_run_in_one_piece()
    {
        var settings = new RunSettings("synthetic", null, false, "smoke", 3, _folder, false, false, [], 1) { Protocol = "hrs" };
        using var data = await Digits.Load(settings, 2_000, 300, "mnist", default);
        var whole = Run(settings, data);
        var steps = Directory.GetFiles(Path.Combine(_folder, "steps")).Order(StringComparer.Ordinal).ToArray();
        steps.Should().HaveCountGreaterThan(50);
        foreach (var step in steps.Where((_, i) => i % 2 == 0)) File.Delete(step);
        var again = Run(settings, data);
        again.Page.ToMarkdown().Should().Be(whole.Page.ToMarkdown());
        whole.Page.Sections.Should().HaveCount(7);
        whole.Page.ToMarkdown().Should().Contain("Table A2").And.Contain("Mean DES").And.Contain("ARC, all paths").And.Contain("C&W in L2").And.Contain("adv. training").And.Contain("transfer").And.Contain("Targets reached").And.NotContain("NaN");
    }

    private static ProtocolReport Run(RunSettings settings, Digits data)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        return new HrsProtocol().Run(new ProtocolContext(settings, new HrsProtocol(), data, settings.Out, new Display(console), default));
    }
}
