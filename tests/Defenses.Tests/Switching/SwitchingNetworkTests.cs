using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Switching;

public sealed class SwitchingNetworkTests
{
    [Fact]
    public void Lists_every_path_once_the_last_block_fastest()
    {
        using var network = Network([2, 3, 2]);
        network.Paths.Should().HaveCount(12);
        network.Paths.Select(path => string.Concat(path)).Should().Equal("000", "001", "010", "011", "020", "021", "100", "101", "110", "111", "120", "121");
        network.Paths[7].Should().Equal(1, 0, 1);
        network.Invoking(n => n.Paths[12]).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_fixed_path_is_the_chain_of_its_channels()
    {
        using var network = Network([2, 3], SwitchPer.Sample);
        network.eval();
        using var x = randn(9, Blobs.Features);
        using var noGrad = no_grad();
        foreach (var path in network.Paths)
        {
            using var scope = NewDisposeScope();
            using var fix = network.FixPath(path);
            var chain = network.Blocks[1].Channels[path[1]].call(network.Blocks[0].Channels[path[0]].call(x));
            (network.call(x) - chain).abs().max().ToDouble().Should().Be(0);
            network.ActivePath.Should().Equal(path);
            network.IsRandom().Should().BeFalse();
        }
        network.IsRandom().Should().BeTrue();
    }

    [Fact]
    public void Fixing_a_path_restores_what_was_also_when_nested_and_after_an_exception()
    {
        using var network = Network([2, 2]);
        using var x = randn(1, Blobs.Features);
        void Pass() => network.call(x).Dispose();
        using (network.FixPath([1, 0]))
        {
            using (network.FixPath([0, 1])) Pass();
            network.ActivePath.Should().Equal(0, 1);
            using (network.DisableRandomness()) Pass();
            network.ActivePath.Should().Equal(1, 0);
            using (network.FixDraw(3)) Pass();
            network.ActivePath.Should().Equal(1, 0);
        }
        var act = () =>
        {
            using var fix = network.FixPath([1, 1]);
            throw new TimeoutException();
        };
        act.Should().Throw<TimeoutException>();
        var seen = new HashSet<string>();
        for (var i = 0; i < 100; i++)
        {
            Pass();
            seen.Add(string.Concat(network.ActivePath!));
        }
        seen.Should().BeEquivalentTo("00", "01", "10", "11");
    }

    [Fact]
    public void Paths_are_drawn_uniformly_the_blocks_independently()
    {
        using var network = Network([3, 4]);
        network.Reseed(2);
        using var x = randn(1, Blobs.Features);
        const int draws = 6000;
        var counts = new double[12];
        for (var i = 0; i < draws; i++)
        {
            network.call(x).Dispose();
            counts[network.ActivePath![0] * 4 + network.ActivePath[1]]++;
        }
        const double expected = draws / 12.0;
        counts.Sum(count => Math.Pow(count - expected, 2) / expected).Should().BeLessThan(11 + 4 * Math.Sqrt(22));
    }

    [Fact]
    public void A_numbered_draw_is_one_network_whatever_the_batch()
    {
        using var network = Network([3, 3], SwitchPer.Sample);
        network.eval();
        using var x = randn(12, Blobs.Features);
        using var noGrad = no_grad();
        var outputs = new List<float>();
        for (var draw = 0L; draw < 40; draw++)
        {
            using var scope = NewDisposeScope();
            using var fix = network.FixDraw(draw);
            var whole = network.call(x);
            var parts = cat([network.call(x.narrow(0, 0, 5)), network.call(x.narrow(0, 5, 7))]);
            (whole - parts).abs().max().ToDouble().Should().BeLessThan(1e-5);
            outputs.Add(whole.sum().ToSingle());
        }
        outputs.Distinct().Should().HaveCount(9, "40 draws reach every path");
    }

    [Theory]
    [InlineData(SwitchPer.Batch)]
    [InlineData(SwitchPer.Sample)]
    public void Averaging_over_draws_tends_to_the_mean_over_all_paths(SwitchPer per)
    {
        using var network = Network([2, 2], per);
        network.eval();
        network.Reseed(4);
        using var scope = NewDisposeScope();
        var x = randn(3, Blobs.Features);
        var view = new Classifier(network, new Bounds(-10, 10));
        using var noGrad = no_grad();
        var paths = new List<Tensor>();
        foreach (var path in network.Paths)
        {
            using var fix = network.FixPath(path);
            paths.Add(network.call(x));
        }
        var exact = stack(paths).mean([0]);
        const int draws = 2000;
        var logits = view.ComputeLogits(x, draws);   // (draws, 3, classes)
        var error = logits.std(0) / Math.Sqrt(draws);
        ((logits.mean([0]) - exact).abs() - 4 * error).max().ToDouble().Should().BeLessThan(0);
    }

    [Fact]
    public void Keys_of_weights_are_block_channel_name_and_a_saved_network_loads()
    {
        using var network = Network([1, 2]);
        network.state_dict().Keys.Should().Equal(
            "0.0.linear.weight", "0.0.linear.bias", "1.0.weight", "1.0.bias", "1.1.weight", "1.1.bias");
        using var other = Network([1, 2], seed: 50);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true)) network.save(writer);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true)) other.load(reader);
        Nets.Weights(other).Should().Equal(Nets.Weights(network));
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var network = Network([3, 3], SwitchPer.Sample);
        using var x = randn(20, Blobs.Features);
        Leaks.None(() => network.call(x).Dispose());
        Leaks.None(() =>
        {
            using var output = network.call(x);
            using var sum = output.sum();
            sum.backward();
            network.zero_grad();
        });
    }

    [Fact]
    public void Bad_input_is_refused_with_its_reason()
    {
        using var network = Network([2, 3]);
        network.Invoking(n => n.FixPath(null!)).Should().Throw<ArgumentNullException>();
        network.Invoking(n => n.FixPath([1])).Should().Throw<ArgumentException>().WithMessage("*each of the 2 blocks*");
        network.Invoking(n => n.FixPath([1, 3])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*path[1]*[0, 3)*");
        network.Invoking(n => n.FixPath([-1, 0])).Should().Throw<ArgumentOutOfRangeException>();
        var none = () => new SwitchingNetwork([]);
        none.Should().Throw<ArgumentException>();
        var twice = () => new SwitchingNetwork([network.Blocks[0], network.Blocks[0]]);
        twice.Should().Throw<ArgumentException>().WithMessage("*twice*");
    }

    internal static SwitchingNetwork Network(int[] channels, SwitchPer per = SwitchPer.Batch, ulong seed = 1)
    {
        var last = channels.Length - 1;
        var network = new SwitchingNetwork([.. channels.Select((count, block) => new SwitchingBlock([.. Enumerable.Range(0, count).Select(channel =>
            Channel(block, last, seed + (ulong)(10 * block + channel)))], per))]);
        network.Reseed(seed);
        return network;
    }

    private static nn.Module<Tensor, Tensor> Channel(int block, int last, ulong seed)
    {
        if (block == last) return Nets.Linear(8, Blobs.Classes, seed);
        return nn.Sequential(("linear", Nets.Linear(block == 0 ? Blobs.Features : 8, 8, seed)), ("relu", nn.ReLU()), ("mask", new Mask()));
    }
}
