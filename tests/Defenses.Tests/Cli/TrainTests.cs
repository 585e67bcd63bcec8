using System.Globalization;
using System.Text.Json.Nodes;
using Defenses.Cli;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary><c>defenses train</c>, and the files that it leaves.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("train-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_training_killed_at_any_moment_and_resumed_ends_with_the_same_network_and_numbers()
    {
        var (code, output) = Train("whole").Finish();
        code.Should().Be(0, output);
        output.Should().Contain("mean over all 4 paths").And.Contain("worst path").And.Contain("base network");
        bool killed;
        using (var run = Train("killed")) killed = run.KillHalfway(Path.Combine(_folder, "whole"), Path.Combine(_folder, "killed"));
        killed.Should().BeTrue("or the test tests nothing");
        var begun = File.Exists(Path.Combine(_folder, "killed", "work", "run.json"));
        (code, output) = Train("killed", begun ? ["--resume"] : []).Finish();
        code.Should().Be(0, output);
        File.ReadAllBytes(Path.Combine(_folder, "killed", "model.safetensors")).Should()
            .Equal(File.ReadAllBytes(Path.Combine(_folder, "whole", "model.safetensors")));
        File.ReadAllText(Path.Combine(_folder, "killed", "train.json")).Should().Be(File.ReadAllText(Path.Combine(_folder, "whole", "train.json")));
        var model = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "whole", "train.json")))!;
        var paths = model["paths"]!.AsArray().Select(path => (double)path!["accuracy"]!["rate"]!).ToArray();
        paths.Should().HaveCount(4);
        ((double)model["accuracy"]!["rate"]!).Should().BeApproximately(paths.Average(), 1e-12,
            "drawing a path uniformly recognises as much as the paths do on average");
    }

    [Theory]
    [InlineData("adversarial", "--epsilon", "0.2", "--steps", "3", "--ramp", "0.5")]
    [InlineData("cw-augmented", "--examples", "6", "--steps", "40", "--size", "20")]
    public void A_hardened_network_says_how_it_was_trained(string method, params string[] options)
    {
        var (code, output) = Tool.Call(
            ["train", "--method", method, .. options, "--network", "lenet-like", "--epochs", "1", "--images", "64", "--test-images", "50", "--batch", "32",
                "--dataset", "synthetic", "--threads", "1", "--out", Path.Combine(_folder, "hardened")]);
        code.Should().Be(0, output);
        File.Exists(Path.Combine(_folder, "hardened", "model.safetensors")).Should().BeTrue();
        var model = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "hardened", "train.json")))!;
        ((string)model["method"]!).Should().Be(method);
        for (var i = 0; i < options.Length; i += 2) ((double)model["methodOptions"]![options[i][2..]]!).Should()
            .Be(double.Parse(options[i + 1], CultureInfo.InvariantCulture));
    }

    public static TheoryData<string> Methods => new(TrainingMethod.All.Select(method => method.Name));

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_method_goes_on_where_it_was_stopped_and_differs_from_the_plain_training(string name)
    {
        using var data = SyntheticDigits.Train(96, 3);
        var told = new List<double>();
        var whole = Weights(name, "whole", (percent, _) => told.Add(percent));
        told.Should().BeInAscendingOrder();
        told[^1].Should().BeApproximately(100, 1e-9);
        using var stop = new CancellationTokenSource();
        FluentActions.Invoking(() => Weights(name, "stopped", (percent, _) => { if (percent > 50) stop.Cancel(); }, stop.Token)).Should()
            .Throw<OperationCanceledException>();
        Weights(name, "stopped", (_, _) => { }).Should().Equal(whole);
        if (name != TrainingMethod.Plain.Name) Weights(TrainingMethod.Plain.Name, "plain", (_, _) => { }).Should().NotEqual(whole);

        float[] Weights(string of, string work, Action<double, TimeSpan> progress, CancellationToken cancellation = default)
        {
            using var network = nn.Sequential(("flatten", nn.Flatten()), ("fc1", nn.Linear(784, 16)), ("relu", nn.ReLU()), ("fc2", nn.Linear(16, 10)));
            using (no_grad())
            {
                using var random = new RandomSource(1);
                foreach (var (_, parameter) in network.named_parameters())
                {
                    using var first = random.Normal(parameter, 0.1);
                    parameter.copy_(first);
                }
            }
            var given = of == "cw-augmented" ? new Dictionary<string, double> { ["examples"] = 2, ["steps"] = 15, ["size"] = 20 } : [];
            TrainingMethod.Find(of).Train(new TrainingJob
            {
                Network = network, Images = data, Values = TrainingMethod.Options(of, given, "synthetic"), Work = Path.Combine(_folder, work),
                Progress = progress, Cancellation = cancellation,
                Options = new TrainingOptions { Epochs = 2, BatchSize = 32, Seed = 1, ReportEvery = 1,
                    Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) } },
            });
            return [.. network.parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())];
        }
    }

    [Fact]
    public void Every_path_is_counted_as_the_network_fixed_to_it_answers()
    {
        using var data = SyntheticDigits.Test(60, 3);
        using var network = ModelFile.Switching(isColor: false, [2, 3], 5);
        for (var block = 0; block < 2; block++)
            for (var channel = 0; channel < network.Blocks[block].Channels.Count; channel++)
            {
                using var other = ModelFile.Blocks(false, 2)[block]((ulong)(10 * block + channel));
                network.Blocks[block].Channels[channel].load_state_dict(other.state_dict());
            }
        network.eval();
        var counted = PathAccuracy.Measure(network, data, default);
        counted.Paths.Should().HaveCount(6);
        using var images = data.Images();
        foreach (var (path, correct) in counted.Paths)
        {
            using var scope = NewDisposeScope();
            using var fixedPath = network.FixPath(path);
            network.call(images).argmax(1).eq(data.Labels).sum().ToInt64().Should().Be(correct);
        }
        counted.Mean.Rate.Should().BeApproximately(counted.Paths.Average(path => path.Correct / 60.0), 1e-12);
        counted.Paths.Sum(path => path.Correct).Should().Be(counted.ByImage.Sum());
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("model.dat")]
    public void A_network_comes_back_from_its_file_in_either_format(string name)
    {
        var path = Path.Combine(_folder, name);
        using var saved = Networks.LeNetLike(1);
        ModelFile.Save(saved, path);
        using var read = Networks.LeNetLike(2);
        ModelFile.Load(read, path);
        using var scope = NewDisposeScope();
        foreach (var (key, value) in saved.state_dict()) read.state_dict()[key].equal(value).all().ToBoolean().Should().BeTrue(key);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("model.dat")]
    public void A_file_of_another_network_or_a_torn_one_is_refused_by_name(string name)
    {
        var path = Path.Combine(_folder, name);
        using var other = Networks.FeinmanMnist(1);
        using var network = Networks.LeNetLike(1);
        ModelFile.Save(other, path);
        FluentActions.Invoking(() => ModelFile.Load(network, path)).Should().Throw<InvalidDataException>().WithMessage($"*{name}*");
        ModelFile.Save(network, path);
        using (var file = new FileStream(path, FileMode.Open)) file.SetLength(file.Length / 2);
        FluentActions.Invoking(() => ModelFile.Load(network, path)).Should().Throw<InvalidDataException>().WithMessage($"*{name}*");
        File.WriteAllText(path, "no model");
        FluentActions.Invoking(() => ModelFile.Load(network, path)).Should().Throw<InvalidDataException>().WithMessage($"*{name}*");
    }

    [Theory]
    [InlineData("--channels", "train", "--method", "hrs", "--channels", "5,x")]
    [InlineData("--network", "train", "--network", "alexnet", "--dataset", "synthetic", "--images", "10", "--test-images", "10")]
    [InlineData("shape", "train", "--network", "hrs-cifar10", "--dataset", "synthetic", "--images", "10", "--test-images", "10")]
    [InlineData("--rate", "train", "--rate", "0")]
    [InlineData("--epochs", "train", "--epochs", "0")]
    [InlineData("--method", "train", "--method", "magic")]
    [InlineData("--epsilon must be a number above 0", "train", "--method", "adversarial", "--epsilon", "2")]
    [InlineData("--steps must be a whole number", "train", "--method", "trades", "--steps", "1.5")]
    [InlineData("--share must be a number from 0 to 1", "train", "--method", "mixed-fgsm", "--share", "x")]
    [InlineData("--beta is nothing that --method adversarial takes; trades would", "train", "--method", "adversarial", "--beta", "6", "--dataset",
        "synthetic", "--images", "10", "--test-images", "10")]
    [InlineData("--epsilon is nothing that --method plain takes", "train", "--epsilon", "0.1", "--dataset", "synthetic", "--images", "10", "--test-images",
        "10")]
    [InlineData("--channels is nothing that --method plain takes", "train", "--channels", "2,2")]
    public void A_mistake_is_told_in_words_with_exit_code_1(string named, params string[] arguments)
    {
        var (code, output) = Tool.Call([.. arguments, "--threads", "1", "--out", Path.Combine(_folder, "none")]);
        code.Should().Be(1, output);
        output.Should().Contain(named).And.NotContain("   at ");
    }

    [Fact]
    public void A_training_that_comes_to_nothing_says_why()
    {
        var (code, output) = Tool.Call("train", "--method", "cw-augmented", "--examples", "1", "--steps", "1", "--size", "1e-9", "--epochs", "1",
            "--images", "10", "--test-images", "10",
            "--dataset", "synthetic", "--network", "lenet-like", "--threads", "1", "--out", Path.Combine(_folder, "none"));
        code.Should().Be(1, output);
        output.Should().Contain("None of 4 attacks succeeded").And.NotContain("   at ");
    }

    private Tool Train(string name, params string[] more) => Tool.Start(_folder,
        ["train", "--method", "hrs", "--channels", "2,2", "--epochs", "2", "--images", "256", "--test-images", "200", "--dataset", "synthetic", "--threads",
            "1", "--out", Path.Combine(_folder, name), .. more]);
}
