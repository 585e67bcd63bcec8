using System.Text.Json.Nodes;
using Defenses.Cli;
using Defenses.Statistics;
using Defenses.Tests.Evaluation.Reporting;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>The commands that try a saved model or read a report, as processes.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("commands-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Attack_judges_a_saved_model_and_saves_images_within_the_budget()
    {
        var (code, output) = Tool.Start(_folder, ["attack", "--model", Model(), "--attack", "fgsm", "--epsilon", "16/255", "--images", "12", "--out", "a",
            .. Small]).Finish();
        code.Should().Be(0, output);
        output.Should().Contain("under attack").And.Contain("lenet-like");
        var told = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "a", "attack.json")))!;
        ((double)told["epsilon"]!).Should().BeApproximately(16 / 255.0, 1e-12);
        ((long)told["attacked"]!["meanDraw"]!["trials"]!).Should().Be(12);
        Repeats(told["origin"]!, "defenses attack", "--attack fgsm", "--epsilon 16/255", "--images 12", "--dataset synthetic", "--steps 40",
            "--seed 1", "--threads 1");
        using var saved = Safetensors.Read(Path.Combine(_folder, "a", "adversarial.safetensors"));
        using var scope = NewDisposeScope();
        var change = (saved["adversarial"] - saved["images"]).abs().max().ToDouble();
        change.Should().BeInRange(15.9 / 255, 16.01 / 255, "FGSM uses its whole budget where the bounds allow it");
    }

    [Fact]
    public void Evaluate_writes_a_report_and_report_writes_the_same_pages_again()
    {
        string[] command = ["evaluate", "--model", Model(), "--attack", "fgsm", "--epsilon", "0.1", "--images", "8", "--draws", "2", "--tries", "2", "--out",
            "e", .. Small];
        var (code, output) = Tool.Start(_folder, command).Finish();
        code.Should().Be(0, output);
        var page = Path.Combine(_folder, "e", "report.html");
        var html = File.ReadAllText(page);
        html.Should().Contain("in all 2 tries").And.Contain("defenses evaluate --attack fgsm").And.Contain("What was looked for on each defense")
            .And.Contain("not run: it attacks, and the checkup leaves it out (");
        File.Delete(page);
        (code, output) = Tool.Call("report", Path.Combine(_folder, "e"));
        code.Should().Be(0, output);
        File.ReadAllText(page).Should().Be(html);
        (code, output) = Tool.Start(_folder, command).Finish();
        code.Should().Be(1, "a run that exists is not overwritten by accident");
        output.Should().Contain("--resume");
    }

    [Fact]
    public void An_option_that_was_given_several_times_stands_as_often_in_the_command_of_the_page()
    {
        var (code, output) = Tool.Start(_folder, ["optimality", "--model", Model(), "--attack", "Fmn", "--norm", "L2", "--steps", "1", "--steps", "3",
            "--images", "4", "--out", "o", .. Small]).Finish();
        code.Should().Be(0, output);
        File.ReadAllText(Path.Combine(_folder, "o", "protocol.md")).Should().Contain("--steps 1 --steps 3").And.NotContain("System.");
    }

    [Fact]
    public void Detect_tells_attacked_images_from_clean_ones_and_draws_the_curve()
    {
        var (code, output) = Tool.Start(_folder, ["detect", "--model", Model(), "--images", "80", "--draws", "4", "--epsilon", "0.2", "--out", "d", .. Small])
            .Finish();
        code.Should().Be(0, output);
        var told = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "d", "detect.json")))!;
        ((double)told["auc"]!["value"]!).Should().BeInRange(0, 1);
        told["points"]!.AsArray().Should().HaveCountGreaterThan(1);
        Repeats(told["origin"]!, "defenses detect", "--sampling mvm", "--draws 4", "--epsilon 0.2", "--images 80");
        File.ReadAllText(Path.Combine(_folder, "d", "detect.html")).Should().Contain("ROC").And.Contain("<svg");
    }

    [Fact]
    public void List_names_everything_that_options_can_name()
    {
        var (code, output) = Tool.Start(_folder, "list").Finish();
        code.Should().Be(0, output);
        foreach (var name in new[] { "HRS", "cw-pgd", "hrs-mnist", "fashion-mnist", "mvm", "paper" }) output.Should().Contain(name);
    }

    [Fact]
    public void A_report_of_another_version_or_a_torn_one_is_refused_and_left_as_it_is()
    {
        var file = Path.Combine(_folder, "report.json");
        foreach (var (text, named) in new[] { (SampleReport.Make(20, 2, 1).ToJson().Replace("defenses.evaluation/1", "defenses.evaluation/9"),
            "defenses.evaluation/9"), ("{ \"schema\":", "report") })
        {
            File.WriteAllText(file, text);
            var (code, output) = Tool.Call("report", _folder);
            code.Should().Be(1, output);
            output.Should().Contain(named).And.NotContain("   at ");
            File.ReadAllText(file).Should().Be(text);
            Directory.GetFiles(_folder).Should().ContainSingle("nothing is written");
        }
    }

    [Theory]
    [InlineData("no file", "none.safetensors")]
    [InlineData("torn.safetensors", "torn.safetensors")]
    [InlineData("wrong shape", "model.safetensors", "--network", "feinman-mnist")]
    [InlineData("--attack", "model.safetensors", "--attack", "magic")]
    [InlineData("--epsilon", "model.safetensors", "--epsilon", "0")]
    [InlineData("--network", "bare/model.safetensors")]
    [InlineData("cifar10 was not found", "model.safetensors", "--dataset", "cifar10", "--data", "/")]
    [InlineData("--steps must be a whole number from 1 to 2147483647; it is 'x'.", "model.safetensors", "--steps", "x")]
    [InlineData("NaN or infinite", "nan.safetensors")]
    public void A_mistake_is_told_in_words_with_exit_code_1(string named, string model, params string[] more)
    {
        Model();
        File.WriteAllText(Path.Combine(_folder, "torn.safetensors"), "no model");
        using (var broken = Networks.LeNetLike(3))
        {
            using (no_grad()) broken.parameters().First().fill_(double.NaN);
            ModelFile.Save(broken, Path.Combine(_folder, "nan.safetensors"));
        }
        Directory.CreateDirectory(Path.Combine(_folder, "bare"));
        File.Copy(Path.Combine(_folder, "model.safetensors"), Path.Combine(_folder, "bare", "model.safetensors"));
        var (code, output) = Tool.Call(["attack", "--model", Path.Combine(_folder, model), "--images", "2", .. more, "--out", Path.Combine(_folder, "x"),
            .. Small]);
        code.Should().Be(1, output);
        output.Should().Contain(named).And.NotContain("   at ");
        Directory.Exists(Path.Combine(_folder, "x")).Should().BeFalse("nothing is written");
    }

    [Theory]
    [InlineData("attack")]
    [InlineData("detect")]
    [InlineData("doctor")]
    [InlineData("evaluate")]
    public void A_folder_that_cannot_be_written_to_is_told_before_any_work(string command)
    {
        var (code, output) = Tool.Call([command, "--model", Model(), "--images", "20", "--out", "/dev/null/x", .. Small]);
        code.Should().Be(1, output);
        output.Should().Contain("--out").And.Contain("/dev/null/x").And.NotContain("   at ");
    }

    [Fact]
    public void What_belongs_to_another_version_or_another_model_is_refused_by_name()
    {
        string[] evaluate = ["evaluate", "--model", Model(), "--attack", "fgsm", "--epsilon", "0.1", "--images", "4", "--draws", "2", "--out", "e", .. Small];
        Tool.Start(_folder, evaluate).Finish().Code.Should().Be(0);
        using (var other = Networks.LeNetLike(4)) ModelFile.Save(other, Path.Combine(_folder, "model.safetensors"));
        Refused("different outputs for the first images", Tool.Start(_folder, [.. evaluate, "--resume"]).Finish());
        var description = Path.Combine(_folder, "train.json");
        File.WriteAllText(description, File.ReadAllText(description).Replace("training/1", "training/9"));
        Refused("defense-bench.training/9", Attack());
        File.WriteAllText(description, File.ReadAllText(description).Replace("training/9", "training/1").Replace("\"dataSet\": \"synthetic\"",
            "\"dataSet\": \"imagenet\""));
        Refused("'imagenet' is not known", Attack());
        File.WriteAllText(description, File.ReadAllText(description).Replace("imagenet", "synthetic").Replace("\"channels\": []", "\"channels\": [2, -1]"));
        Refused("they are '2,-1'", Attack());
        Directory.CreateDirectory(Path.Combine(_folder, "p"));
        File.WriteAllText(Path.Combine(_folder, "p", "protocol.json"), "{\"schema\":\"defense-bench.protocol/9\"}");
        Refused("defense-bench.protocol/9", Tool.Call("report", Path.Combine(_folder, "p")));

        (int, string) Attack() => Tool.Call(["attack", "--model", Path.Combine(_folder, "model.safetensors"), "--images", "2", "--out",
            Path.Combine(_folder, "x"), .. Small]);

        void Refused(string named, (int Code, string Output) told)
        {
            told.Code.Should().Be(1, told.Output);
            told.Output.ReplaceLineEndings(" ").Should().Contain(named).And.NotContain("   at ");
        }
    }

    [Fact]
    public void No_command_takes_an_option_that_it_does_not_know()
    {
        foreach (var command in new[] { "train", "attack", "evaluate", "detect", "doctor", "list" })
        {
            var (code, output) = Tool.Call(command, "--no-such-option");
            code.Should().Be(1, output);
            output.Should().Contain("--no-such-option");
        }
    }

    private void Repeats(JsonNode origin, params string[] parts)
    {
        foreach (var part in parts) ((string)origin["command"]!).Should().Contain(part);
        ((string)origin["weights"]!["sha256"]!).Should()
            .Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, "model.safetensors")))));
        ((string)origin["data"]!["key"]!).Should().Be("synthetic");
        ((string)origin["versions"]!["libtorch"]!).Should().MatchRegex(@"^\d+\.\d+");
        foreach (var name in new[] { "Defenses", "TorchSharp", "runtime", "system" }) ((string)origin["versions"]![name]!).Should().NotBeNullOrEmpty();
    }

    private static string[] Small => ["--threads", "1"];

    // A network that was not trained, with its description.
    private string Model()
    {
        var path = Path.Combine(_folder, "model.safetensors");
        using var network = Networks.LeNetLike(3);
        ModelFile.Save(network, path);
        ModelFile.Describe(new TrainedModel
        {
            File = "model.safetensors", Network = "lenet-like", Method = "plain", Channels = [], DataSet = "synthetic", TrainingImages = 1, Epochs = 1,
            Seed = "3", Accuracy = new Proportion(1, 10),
        }, _folder);
        return path;
    }
}
