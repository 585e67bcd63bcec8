using System.CommandLine;
using System.Runtime.InteropServices;
using Defenses.Attacks;
using Defenses.Cli;
using Defenses.Layers;
using Defenses.Papers;
using Defenses.Statistics;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>What goes wrong is a line and an exit code, in every command.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("failures-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("attack")]
    [InlineData("detect")]
    [InlineData("evaluate")]
    [InlineData("doctor")]
    [InlineData("doctor", "--cheap")]
    public void A_network_that_answers_NaN_is_a_line_with_exit_code_1(string command, params string[] more)
    {
        var (code, output) = Tool.Start(_folder, [command, "--model", Overflowing(), "--images", "4", "--out", "o", "--threads", "1", .. more]).Finish();
        code.Should().Be(1, output);
        output.Should().Contain("error: ").And.MatchRegex("(?i)NaN").And.NotContain("   at ").And.NotContain("this should not happen");
    }

    [Fact]
    public void What_the_library_refuses_can_be_mended_and_a_fault_has_an_exit_code_of_its_own()
    {
        Describe(() => new Pgd(0.1) { Steps = 0 }).Should().Be(("Steps must be at least 1; it is 0.", 1));
        Describe(() => new GaussianNoise(-1)).Code.Should().Be(1);
        Describe(() => Array.Empty<int>().First()).Should().Be(("this should not happen: InvalidOperationException: Sequence contains no elements. "
            + "Please report it, with what DEFENSES_TRACE=1 in the environment adds.", 70));
        Describe(() => throw new ObjectDisposedException("tensor")).Code.Should().Be(70);
        Describe(() => throw new ExternalException("mat1 and mat2 shapes cannot be multiplied\nframe #0: somewhere")).Line.Should().NotContain("frame");
        Describe(() => throw new ExternalException("DefaultCPUAllocator: can't allocate memory: you tried to allocate 40021602916 bytes.\nframe #0"))
            .Code.Should().Be(1);
        Describe(() => throw new UserError("--x must be y.")).Should().Be(("--x must be y.", 1));
    }

    [Fact]
    public void A_command_that_fails_unexpectedly_says_so_in_one_line_wherever_it_fails()
    {
        using var told = new StringWriter();
        Failure.Tell(new KeyNotFoundException("no such key"), EntryPoint.Root.Parse("list"), told).Should().Be(70);
        $"{told}".Trim().Split('\n').Should().ContainSingle().Which.Should().StartWith("error: this should not happen: KeyNotFoundException: no such key.");
    }

    private static (string Line, int Code) Describe(Action action)
    {
        try { action(); }
        catch (Exception error) { return Failure.Describe(error); }
        throw new InvalidOperationException("nothing was thrown");
    }

    // Weights that are numbers, and so large that its answers are none.
    private string Overflowing()
    {
        var path = Path.Combine(_folder, "model.safetensors");
        using var network = Networks.LeNetLike(3);
        using (no_grad()) foreach (var parameter in network.parameters()) parameter.mul_(1e30);
        ModelFile.Save(network, path);
        ModelFile.Describe(new TrainedModel
        {
            File = "model.safetensors", Network = "lenet-like", Method = "plain", Channels = [], DataSet = "synthetic", TrainingImages = 1, Epochs = 1,
            Seed = "3", Accuracy = new Proportion(1, 10),
        }, _folder);
        return path;
    }
}
