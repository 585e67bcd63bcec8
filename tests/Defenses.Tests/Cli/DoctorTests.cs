using System.Text.Json.Nodes;
using Defenses.Cli;
using Defenses.Layers;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary><c>defenses doctor</c> on a small network that was trained on synthetic digits and saved.</summary>
public sealed class DoctorTests : IDisposable
{
    private static readonly Lazy<byte[]> s_weights = new(Trained);
    private readonly string _folder = Directory.CreateTempSubdirectory("doctor-").FullName;

    public DoctorTests() => File.WriteAllBytes(Path.Combine(_folder, "model.safetensors"), s_weights.Value);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_an_attack_the_best_that_is_said_is_not_attacked_with_exit_code_4_and_a_report_in_three_files()
    {
        var (code, output) = Doctor("--layer", "gaussian-noise(0.05) before conv1", "--cheap").Finish();
        code.Should().Be(4, output);
        output.Should().Contain("not attacked").And.NotContain("trustworthy").And.Contain("1 layers put in")
            .And.Contain("Not run, since it attacks, and the checkup leaves it out: Noise beats the attack in question; More steps");
        var report = Report();
        ((string)report["verdict"]!["trust"]!).Should().Be("notAttacked");
        report["findings"]!.AsArray().Should().BeEmpty();
        report["attackedAccuracy"].Should().BeNull();
        report["checks"]!.AsArray().Select(check => (string)check!["outcome"]!).Should().Contain(["clear", "notRun"]).And.NotContain("found");
        report["layers"]!.AsArray().Single()!.GetValue<string>().Should().StartWith("conv1: GaussianNoise before Conv2d");
        File.ReadAllText(Path.Combine(_folder, "out", "doctor.html")).Should().Contain("nothing attacked the model").And.Contain("not measured");
        File.ReadAllText(Path.Combine(_folder, "out", "doctor.md")).Should().Contain("nothing found").And.Contain("not run: it attacks");
    }

    [Fact]
    public void An_attack_of_one_step_is_not_believed()
    {
        var (code, output) = Doctor("--steps", "1", "--epsilon", "40/255").Finish();
        code.Should().BeOneOf([2, 3], output);
        output.Should().Contain("More steps still lower accuracy").And.Contain("under the attack: ");
        Report()["findings"]!.AsArray().Should().NotBeEmpty();
        ((double)Report()["attackedAccuracy"]!["rate"]!).Should().BeLessThanOrEqualTo((double)Report()["accuracy"]!["rate"]!);
        ((string)Report()["origin"]!["command"]!).Should().Contain("--steps 1 ").And.Contain("--epsilon 40/255").And.Contain("--seed 1");
        File.ReadAllText(Path.Combine(_folder, "out", "doctor.html")).Should().Contain("How the model fared")
            .And.Contain("there is no other model to transfer attacks from").And.Contain("<a href=\"doctor.json\">").And.NotContain("Pgd {")
            .And.Contain("1 step, ");
    }

    [Fact]
    public void Weights_that_were_never_trained_are_invalid_with_exit_code_3()
    {
        using var network = Networks.LeNetLike(9);
        network.SaveWeights(Path.Combine(_folder, "model.safetensors"));
        var (code, output) = Doctor().Finish();
        code.Should().Be(3, output);
        output.Should().Contain("a guess");
        ((string)Report()["verdict"]!["trust"]!).Should().Be("invalid");
    }

    [Theory]
    [InlineData("nothing.safetensors", "--model", "nothing.safetensors")]
    [InlineData("--network", "--network", "resnet")]
    [InlineData("--layer", "--layer", "gaussian-noise before conv1")]
    [InlineData("Known:", "--layer", "magic(1) before conv1")]
    [InlineData("conv1", "--layer", "gaussian-noise(1) before conv9")]
    [InlineData("--epsilon", "--epsilon", "8/0")]
    [InlineData("--mean", "--mean", "1,2", "--std", "1,2")]
    [InlineData("--images", "--images", "0")]
    [InlineData("--std must be numbers above 0", "--mean", "0.5", "--std", "0")]
    [InlineData("kernel must be at most 57", "--layer", "median(100000) before conv1")]
    public void A_mistake_is_told_in_words_with_exit_code_1(string named, params string[] arguments)
    {
        var (code, output) = Tool.Call([.. Command([.. arguments, "--cheap"]), "--out", Path.Combine(_folder, "out")]);
        code.Should().Be(1, output);
        output.Should().Contain(named).And.NotContain("   at ", "a user needs no stack trace");
        File.Exists(Path.Combine(_folder, "out", "doctor.json")).Should().BeFalse();
    }

    [Theory]
    [InlineData("gaussian-noise(0.1) before every conv", typeof(GaussianNoise), 2)]
    [InlineData("sap after relu3", typeof(StochasticActivationPruning), 1)]
    [InlineData("jump-relu(0.2) instead of every relu", typeof(JumpReLU), 4)]
    [InlineData("jump-relu(1e-1) instead of relu1", typeof(JumpReLU), 1)]
    [InlineData("median before conv1", typeof(MedianSmoothing), 1)]
    [InlineData("dropout( 0.3 ) after every relu", typeof(DefensiveDropout), 4)]
    public void A_layer_is_put_where_it_was_ordered(string order, Type type, int count)
    {
        using var network = Networks.LeNetLike(1, 0);
        network.eval();
        using var probe = zeros(1, 1, 28, 28);
        using var report = LayerOrder.Parse(order).Put(network, probe);
        report.Layers.Should().HaveCount(count).And.OnlyContain(layer => layer.Layer.GetType() == type);
    }

    [Theory]
    [InlineData("gaussian-noise(0.1)")]
    [InlineData("gaussian-noise(-1) before conv1")]
    [InlineData("gaussian-noise(0.1) beside conv1")]
    public void What_is_no_order_is_refused(string order) => FluentActions.Invoking(() => LayerOrder.Parse(order)).Should().Throw<UserError>()
        .WithMessage($"*{order}*");

    private Tool Doctor(params string[] more) => Tool.Start(_folder, [.. Command(more), "--out", "out"]);

    private string[] Command(string[] more) =>
    [
        "doctor", "--dataset", "synthetic", "--threads", "1", .. more.Contains("--images") ? Array.Empty<string>() : ["--images", "16"],
        .. more.Contains("--model") ? Array.Empty<string>() : ["--model", Path.Combine(_folder, "model.safetensors")],
        .. more.Contains("--network") ? Array.Empty<string>() : ["--network", "lenet-like"], .. more,
    ];

    private JsonNode Report() => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "out", "doctor.json")))!;

    private static byte[] Trained()
    {
        using var train = SyntheticDigits.Train(3000, 3);
        using var network = Networks.LeNetLike(1, 0);
        network.Reseed(1);
        new Trainer(new TrainingOptions { Epochs = 2, BatchSize = 32, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(2e-3) } })
            .Run(network, train);
        var file = Path.GetTempFileName();
        network.SaveWeights(file);
        var bytes = File.ReadAllBytes(file);
        File.Delete(file);
        return bytes;
    }
}
