using DefenseBench;
using DefenseBench.Protocols;
using DefenseBench.Protocols.Hrs;
using Defenses.Attacks;
using Defenses.Models;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

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
        whole.Page.Sections.Should().HaveCount(6);
        whole.Page.ToMarkdown().Should().Contain("Table A2").And.Contain("Mean DES").And.Contain("ARC, all paths").And.Contain("Targets reached").And.NotContain("NaN");
    }

    [Fact]
    public void The_published_attack_starts_in_the_corner_and_steps_over_the_whole_ball()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("flat", nn.Flatten()), ("linear", nn.Linear(4, 2)));
        var (weight, bias) = (network.get_parameter("linear.weight")!, network.get_parameter("linear.bias")!);
        using (no_grad())
        {
            weight.copy_(tensor([1f, -1, 1, -1, -1, 1, -1, 1]).view(2, 4));
            bias.zero_();
        }
        network.eval();
        var x = tensor([0.5f, 0.5f, 0.02f, 0.98f]).view(1, 1, 2, 2);
        foreach (var onMargin in new[] { false, true })
        {
            using var result = new PublishedPgd(0.1) { Steps = 30, OnMargin = onMargin }.Run(new Classifier(network, Bounds.Unit), x, Goal.Reach(tensor([1L])));
            result.Adversarial.data<float>().ToArray().Should().Equal([0.4f, 0.6f, 0f, 1f], (a, b) => Math.Abs(a - b) < 1e-5, "a linear model's best point is a corner, cut by the bounds");
        }
    }

    private static ProtocolReport Run(RunSettings settings, Digits data)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        return new HrsProtocol().Run(new ProtocolContext(settings, new HrsProtocol(), data, settings.Out, new Display(console), default));
    }
}
