using System.Text.Json.Nodes;
using Defenses.Certification;
using Defenses.Cli;
using Defenses.Models;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>Attacks and certifications that are killed go on with the same command, and end with the same files.</summary>
public sealed class StoppedWorkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stopped-").FullName;

    public StoppedWorkTests()
    {
        using var network = Networks.LeNetLike(3);
        ModelFile.Save(network, Path.Combine(_folder, "model.safetensors"));
        foreach (var name in new[] { "whole", "killed" }) Directory.CreateDirectory(Path.Combine(_folder, name));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("block-0.safetensors", "adversarial.safetensors attack.json", "attack", "--attack", "pgd", "--steps", "6", "--images", "120")]
    [InlineData("1.json", "certify.json certify.html", "certify", "--draws", "300", "--images", "6")]
    public void Killed_at_any_moment_the_same_command_ends_with_the_same_files_bit_for_bit(string begun, string files, params string[] command)
    {
        Finish("whole", command);
        using (var run = Start("killed", command))
            run.KillOnce(() => File.Exists(Path.Combine(_folder, "killed", "x", "work", command[0], begun))).Should().BeTrue("or the test tests nothing");
        File.Exists(Path.Combine(_folder, "killed", "x", files.Split(' ')[0])).Should().BeFalse("it was not done");
        var (code, output) = Start("killed", [.. command, "--seed", "2"]).Finish();
        code.Should().Be(1, output);
        output.Should().Contain("other settings");
        Finish("killed", command);
        foreach (var file in files.Split(' '))
            File.ReadAllBytes(Path.Combine(_folder, "killed", "x", file)).Should().Equal(File.ReadAllBytes(Path.Combine(_folder, "whole", "x", file)), file);
        Finish("killed", [.. command, "--seed", "2"]);   // what is finished gives way
        File.ReadAllText(Path.Combine(_folder, "killed", "x", $"{command[0]}.json")).Should().Contain("--seed 2");
    }

    [Fact]
    public void Certify_writes_the_certificates_of_the_library_and_what_they_prove()
    {
        Finish("whole", "certify", "--draws", "200", "--images", "5", "--sigma", "0.5", "--radius", "0", "--radius", "0.1");
        var told = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "whole", "x", "certify.json")))!;
        using var network = Networks.LeNetLike(1);
        network.LoadWeights(Path.Combine(_folder, "model.safetensors"));
        network.eval();
        using var scope = NewDisposeScope();
        using var digits = SyntheticDigits.Test(5, 1);
        var expected = new RandomizedSmoothing(new Classifier(network, Bounds.Unit), 0.5) { EstimationDraws = 200, Seed = 1 }.Certify(digits.Images());
        told["certificates"]!.AsArray().Select(one => ((long)one!["class"]!, (long)one["votes"]!)).Should()
            .Equal(expected.Select(one => (one.Class, one.Votes)));
        var labels = digits.Labels.data<long>().ToArray();
        foreach (var (share, radius) in told["accuracy"]!.AsArray().Zip(new[] { 0, 0.1 }))
            ((double)share!["accuracy"]!["rate"]!).Should().Be(CertifiedAccuracy.At(expected, labels, radius).Rate);
        ((double)told["abstained"]!["successes"]!).Should().Be(expected.Count(one => !one.IsCertified));
        File.ReadAllText(Path.Combine(_folder, "whole", "x", "certify.html")).Should().Contain("radius in L2").And.Contain("<svg");
    }

    [Fact]
    public void Blocks_begin_with_the_seed_of_the_command_and_have_seeds_of_their_own() =>
        new[] { AttackBlocks.SeedOf(7, 0), AttackBlocks.SeedOf(7, 1), AttackBlocks.SeedOf(7, 2), AttackBlocks.SeedOf(8, 1) }.Should()
            .OnlyHaveUniqueItems().And.StartWith([7UL]);

    private void Finish(string name, params string[] command)
    {
        var (code, output) = Start(name, command).Finish();
        code.Should().Be(0, output);
    }

    private Tool Start(string name, params string[] command) => Tool.Start(Path.Combine(_folder, name),
    [
        .. command, "--model", Path.Combine(_folder, "model.safetensors"), "--network", "lenet-like", "--dataset", "synthetic", "--threads", "1", "--out", "x",
    ]);
}
