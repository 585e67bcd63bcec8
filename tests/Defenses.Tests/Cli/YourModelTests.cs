using System.Text.Json.Nodes;
using Defenses.Cli;
using Defenses.Statistics;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>The user's own model on the user's own images, from the command line.</summary>
public sealed class YourModelTests(TryableModel files) : IClassFixture<TryableModel>, IDisposable
{
    private const string Reference = "reference/models/mnist-cnn.onnx";
    private readonly string _folder = Directory.CreateTempSubdirectory("yours-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void One_network_gives_the_same_in_every_file_of_weights_and_from_arrays_and_pictures()
    {
        string[] arrays = ["--data", TryableModel.Images, "--labels", TryableModel.Labels], pictures = ["--data", files.At("pictures"), "--grey"];
        var first = Attack("a", TryableModel.Weights, [.. arrays, "--network", "hrs-mnist"]);
        ((double)first["clean"]!["meanDraw"]!["rate"]!).Should().Be(1, "the labels are the network's own");
        foreach (var name in new[] { "reference.pth", "checkpoint.pth" })
        {
            var other = Attack(name, files.At(name), [.. arrays, "--network", "auto"]);
            other["attacked"]!.ToJsonString().Should().Be(first["attacked"]!.ToJsonString());
        }
        var seen = Attack("p", TryableModel.Weights, [.. pictures, "--network", "hrs-mnist", "--classes", "0,1,2,3,4,5,6,7,8,9"]);
        ((double)seen["clean"]!["meanDraw"]!["successes"]!).Should().BeGreaterThanOrEqualTo(25);
        ((string)seen["origin"]!["command"]!).Should().Contain("--grey").And.Contain("--classes 0,1,2");
    }

    [SharedFact(Reference)]
    public void TorchScript_attacks_as_its_weights_do_and_ONNX_answers_alike()
    {
        string[] arrays = ["--data", TryableModel.Images, "--labels", TryableModel.Labels];
        var weights = Attack("w", TryableModel.Weights, [.. arrays, "--network", "hrs-mnist"]);
        var script = Attack("s", SharedFiles.Find("reference/models/mnist-cnn.traced.pt"), arrays);
        script["attacked"]!.ToJsonString().Should().Be(weights["attacked"]!.ToJsonString());
        var onnx = Attack("o", SharedFiles.Find(Reference), [.. arrays, "--attack", "noise"]);
        onnx["clean"]!.ToJsonString().Should().Be(weights["clean"]!.ToJsonString());
    }

    [Fact]
    public void A_black_box_is_evaluated_and_examined_without_gradients()
    {
        string[] model = ["--model", files.At("linear.onnx"), "--data", files.At("images.npy"), "--threads", "1", "--images", "4"];
        var (code, output) = Tool.Start(_folder, ["evaluate", .. model, "--epsilon", "0.1", "--steps", "1", "--draws", "2", "--out", "e"]).Finish();
        code.Should().Be(0, output);
        File.ReadAllText(Path.Combine(_folder, "e", "report.json")).Should().Contain("square").And.NotContain("\"pgd\"");
        (code, output) = Tool.Start(_folder, ["doctor", .. model, "--cheap", "--out", "d"]).Finish();
        code.Should().BeOneOf([2, 3, 4], output);
    }

    [Fact]
    public void What_attack_saves_is_judged_on_another_model_and_shown_in_pictures()
    {
        var weights = TryableModel.Weights;
        Attack("a", weights, ["--data", TryableModel.Images, "--labels", TryableModel.Labels, "--network", "hrs-mnist", "--epsilon", "0.3", "--pictures"]);
        Directory.GetFiles(Path.Combine(_folder, "a", "pictures"), "*.png").Should().HaveCount(25);
        using (var set = AdversarialSet.Load(Path.Combine(_folder, "a", "adversarial.safetensors")))
        {
            set.Attack.Should().Contain("Epsilon = 0.3");
            set.Seeds["attack"].Should().Be(1);
            set.WeightsHash.Should().HaveLength(64);
        }
        var same = Judge("same", weights, "--network", "hrs-mnist");
        ((bool)same["isAttackedModel"]!).Should().BeTrue();
        same["attacked"]!.ToJsonString().Should().Be(Told("a", "attack.json")["attacked"]!.ToJsonString());
        ((double)same["transferred"]!["rate"]!).Should().Be(1);
        var other = Judge("other", files.At("good.safetensors"), "--network", "lenet-like");
        ((bool)other["isAttackedModel"]!).Should().BeFalse();
        ((string)other["findings"]!.AsArray().Single()!["title"]!).Should().Contain("Few images", "another network does not know these pictures");
    }

    [Fact]
    public void A_wrong_normalization_is_pointed_out_with_the_usual_causes_by_every_command()
    {
        string[] model = ["--model", TryableModel.Weights, "--network", "hrs-mnist", "--data", files.At("pictures"), "--grey", "--threads", "1"];
        string[] wrong = ["--mean", "128", "--std", "50"];
        foreach (var command in new[] { "attack --attack noise", "evaluate --attack noise --draws 2", "doctor --cheap" })
        {
            var (code, output) = Tool.Start(_folder, [.. command.Split(' '), .. model, .. wrong, "--out", "x", .. Fresh(command)]).Finish();
            code.Should().BeOneOf([0, 2, 3], output);
            output.Should().Contain("Few images are recognized").And.Contain("divide numbers for 0 to 255 by 255").And.Contain("--classes");
        }
        var (_, right) = Tool.Start(_folder, ["attack", "--attack", "noise", .. model, "--out", "right"]).Finish();
        right.Should().NotContain("Few images");
        foreach (var name in new[] { "attack.json", "report.json", "doctor.json" })
            File.ReadAllText(Path.Combine(_folder, "x", name)).Should().Contain("Few images are recognized");

        static string[] Fresh(string command) => command.StartsWith("evaluate", StringComparison.Ordinal) ? ["--overwrite"] : [];
    }

    [Theory]
    [InlineData(10, 100, 10, true)]
    [InlineData(44, 100, 10, true)]
    [InlineData(50, 100, 10, false)]
    [InlineData(50, 100, 2, true)]
    [InlineData(70, 100, 2, false)]
    [InlineData(1, 2, 10, false)]
    public void What_is_low_ends_below_the_middle_between_a_guess_and_all(int right, int images, int classes, bool isLow) =>
        (LowAccuracy.Of(new Proportion(right, images), classes) is not null).Should().Be(isLow);

    [Fact]
    public void Own_data_are_taken_from_everywhere_and_those_of_a_set_from_its_beginning()
    {
        using var data = TestData.Of("x", new ImageFolder(files.At("pictures"), new PictureOptions { Grey = true }));
        data.Choose(10);
        var (images, labels) = data.Read(0, 10);
        images.Dispose();
        using (labels) labels.data<long>().ToArray().Distinct().Count().Should().BeGreaterThan(5, "a folder is sorted by class");
        using var digits = SyntheticDigits.Test(20, 1);
        using var first = TestData.Of("synthetic", digits, digits, null);
        first.Choose(5);
        using var scope = NewDisposeScope();
        first.Read(1, 4).Labels.equal(digits.Labels.narrow(0, 1, 4)).all().ToBoolean().Should().BeTrue();
        first.Digest().Should().NotBe(data.Digest());
    }

    private JsonNode Attack(string into, string model, params string[] more)
    {
        string[] attack = more.Contains("--attack") ? [] : ["--attack", "fgsm"], epsilon = more.Contains("--epsilon") ? [] : ["--epsilon", "0.1"];
        var (code, output) = Tool.Call(["attack", "--model", model, "--threads", "1", "--out", At(into), .. attack, .. epsilon, .. more]);
        code.Should().Be(0, output);
        return Told(into, "attack.json");
    }

    private JsonNode Judge(string into, string model, params string[] more)
    {
        var (code, output) = Tool.Call(["judge", "--model", model, "--adversarial", At("a"), "--threads", "1", "--out", At(into), .. more]);
        code.Should().Be(0, output);
        return Told(into, "judge.json");
    }

    private JsonNode Told(string folder, string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(At(folder), name)))!;

    private string At(string name) => Path.Combine(_folder, name);
}
