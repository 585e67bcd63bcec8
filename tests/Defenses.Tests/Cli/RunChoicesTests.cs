using System.Text.Json.Nodes;
using Defenses.Cli;
using Defenses.Papers;

namespace Defenses.Tests.Cli;

/// <summary>What <c>run</c> is asked to do otherwise than its preset says.</summary>
public sealed class RunChoicesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("choices-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_takes_attacks_budgets_steps_and_draws_says_so_and_is_merged_with_them()
    {
        string[] command = ["run", "--dataset", "synthetic", "--preset", "smoke", "--images", "4", "--defense", "SAP", "--threads", "1", "--attack", "bim",
            "--attack", "noise", "--epsilon", "16/255", "--epsilon", "0.1", "--steps", "2", "--draws", "4"];
        Finish([.. command, "--out", At("one")]);
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "one", "report.json")))!["settings"]!;
        ((int)settings["draws"]!).Should().Be(4);
        ((string)settings["command"]!).Should().Contain("--attack bim --attack noise").And.Contain("--epsilon 0.1").And.Contain("--steps 2 --draws 4");
        var text = File.ReadAllText(Path.Combine(_folder, "one", "report.json"));
        text.Should().Contain("\"bim\"").And.Contain("\"noise\"").And.NotContain("\"CW-PGD\"");
        Finish([.. command, "--out", At("parts"), "--shard", "0/2"]);
        Finish([.. command, "--out", At("parts"), "--shard", "1/2"]);
        Finish("merge", At("parts"), "--threads", "1");
        WholeRun.ReportIn(Path.Combine(_folder, "parts")).Should().Be(WholeRun.ReportIn(Path.Combine(_folder, "one")));
        var (code, output) = Tool.Call([.. command, "--out", At("one"), "--resume", "--draws", "5"]);
        code.Should().Be(1, output);
    }

    [Theory]
    [InlineData("--draws is nothing that --protocol hrs takes", "--protocol", "hrs", "--draws", "5")]
    [InlineData("--attack is nothing that --protocol mvm takes", "--protocol", "mvm", "--attack", "pgd", "--steps", "5")]
    [InlineData("--epsilon is nothing that --protocol all takes", "--protocol", "all", "--epsilon", "0.1")]
    [InlineData("--steps is nothing that --attack fgsm, noise takes", "--attack", "fgsm", "--attack", "noise", "--steps", "5")]
    [InlineData("--attack 'magic' is not known", "--attack", "magic")]
    [InlineData("--epsilon must be a number above 0", "--epsilon", "-1")]
    [InlineData("--draws must be a whole number", "--draws", "0")]
    [InlineData("--steps must be a whole number", "--steps", "x")]
    public void What_does_not_go_together_is_refused_in_one_line(string named, params string[] options)
    {
        var (code, output) = Tool.Call(["run", .. options, "--dataset", "synthetic", "--preset", "smoke", "--threads", "1", "--out",
            Path.Combine(_folder, "x")]);
        code.Should().Be(1, output);
        output.Trim().Split('\n')[0].Should().Contain(named);
        Directory.Exists(Path.Combine(_folder, "x")).Should().BeFalse();
    }

    [Fact]
    public void Without_choices_a_run_is_what_it_was()
    {
        var settings = new RunSettings("mnist", null, false, "quick", 1, _folder, false, false, [], 1);
        settings.Command("mnist").Should().Be("defenses run --dataset mnist --preset quick --seed 1");
        var (chosen, usual) = (Preset.Named("quick", null).With(settings.Choices), Preset.Named("quick", null));
        (chosen.Steps, chosen.JudgeDraws, chosen.EotDraws, chosen.Images).Should().Be((usual.Steps, usual.JudgeDraws, usual.EotDraws, usual.Images));
    }

    private void Finish(params string[] command)
    {
        var (code, output) = Tool.Call(command);
        code.Should().Be(0, output);
    }

    private string At(string name) => Path.Combine(_folder, name);
}
