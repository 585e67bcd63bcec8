using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Switching;

public sealed class SwitchingTrainerTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 2, BatchSize = 32, Seed = 5, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) }, CheckpointInterval = TimeSpan.MaxValue,
            ReportEvery = 1,
    };

    [Fact]
    public void Trains_every_channel_of_every_block_from_the_input_up_and_saves_each_at_once()
    {
        using var data = new Blobs();
        using var folder = new Folder();
        var finished = new List<string>();
        var order = new List<(int, int)>();
        var progress = new ProgressLog<SwitchingProgress>(p =>
        {
            if (!order.Contains((p.Block, p.Channel)))
            {
                order.Add((p.Block, p.Channel));
                finished.Add(string.Join(' ', Directory.GetFiles(folder.Path).Select(Path.GetFileName).Where(name => name!.Length == 3).Order()));
                p.ChannelsDone.Should().Be(order.Count - 1);
            }
            p.Channels.Should().Be(6);
        });
        using var network = Trainer([2, 3, 1]).Run(data, folder.Path, progress);
        order.Should().Equal((0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0));
        finished.Should().Equal("", "0_0", "0_0 0_1", "0_0 0_1 1_0", "0_0 0_1 1_0 1_1", "0_0 0_1 1_0 1_1 1_2");
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order().Should().Equal("0_0", "0_1", "1_0", "1_1", "1_2", "2_0", "settings.txt");
        progress.All.Select(p => p.TimeLeft).Should().OnlyContain(left => left >= TimeSpan.Zero);
        progress.All[^1].TimeLeft.Should().Be(TimeSpan.Zero);
        network.Blocks.Select(block => block.Channels.Count).Should().Equal(2, 3, 1);
        network.training.Should().BeFalse();
    }

    [Fact]
    public void Every_path_learns_well()
    {
        using var data = new Blobs(spread: 0.15);
        using var fresh = new Blobs(seed: 9, spread: 0.15);
        using var folder = new Folder();
        using var network = Trainer([2, 2], s_options with { Epochs = 20, ReportEvery = 100 }).Run(data, folder.Path);
        foreach (var path in network.Paths)
        {
            using var fix = network.FixPath(path);
            Accuracy.Measure(network, fresh).Value.Should().BeGreaterThan(0.95, $"path {string.Join(",", path)}");
        }
    }

    [Fact]
    public void Lower_blocks_are_frozen_but_switch_in_every_batch_and_drop_out()
    {
        var made = new List<Probe>();
        using var data = new Blobs();
        using var folder = new Folder();
        Func<ulong, nn.Module<Tensor, Tensor>> lower = seed => { made.Add(new Probe(seed)); return made[^1]; };
        var trainer = new SwitchingTrainer([lower, seed => Nets.Linear(8, Blobs.Classes, seed)], [3, 1], s_options with { Epochs = 10 });
        float[][] weights = [], final = [];
        var progress = new ProgressLog<SwitchingProgress>(p =>
        {
            if (p.Block != 1) return;
            var frozen = made.TakeLast(3).ToArray();
            if (weights.Length == 0) weights = [.. frozen.Select(Nets.Weights)];
            final = [.. frozen.Select(Nets.Weights)];
            frozen.Should().OnlyContain(probe => probe.training && !probe.SawGradient && !probe.parameters().Any(parameter => parameter.requires_grad));
            if (p.Training.Step == p.Training.Steps) frozen.Should().OnlyContain(probe => probe.Passes > 0);
            if (p.Training.Step == p.Training.Steps) frozen.Sum(probe => probe.Passes).Should().Be((int)p.Training.Steps, "each batch takes one channel");
        });
        using var network = trainer.Run(data, folder.Path, progress);
        weights.Should().HaveCount(3);
        for (var i = 0; i < 3; i++)
        {
            final[i].Should().Equal(weights[i]);
            Nets.Weights(network.Blocks[0].Channels[i]).Should().Equal(weights[i]);
        }
        made.Where(probe => probe.Trained).Should().HaveCount(3, "each channel of block 0 was trained once");
    }

    [Fact]
    public void The_blocks_above_are_fresh_for_each_channel_and_thrown_away()
    {
        var made = new List<nn.Module<Tensor, Tensor>>();
        using var data = new Blobs();
        using var folder = new Folder();
        var starts = new List<float[]>();
        Func<ulong, nn.Module<Tensor, Tensor>> upper = seed =>
        {
            made.Add(Nets.Linear(8, Blobs.Classes, seed));
            starts.Add(Nets.Weights(made[^1]));
            return made[^1];
        };
        var trainer = new SwitchingTrainer([Lower, upper], [2, 2], s_options);
        using var network = trainer.Run(data, folder.Path);
        starts.Select(start => start[0]).Distinct().Should().HaveCountGreaterThanOrEqualTo(5, "every run starts with an upper block of its own");
        network.Blocks[1].Channels.SequenceEqual(made.TakeLast(2)).Should()
            .BeTrue("those of the runs are gone, and the finished channels were read from their files");
    }

    [Fact]
    public void One_block_trains_as_plainly_as_a_network()
    {
        using var data = new Blobs();
        using var folder = new Folder();
        using var network = new SwitchingTrainer([Nets.Classifier], [1], s_options with { Epochs = 30 }).Run(data, folder.Path);
        Accuracy.Measure(network, data).Value.Should().BeGreaterThan(0.95);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_run_that_dies_at_any_moment_goes_on_to_the_same_weights_bit_for_bit(int together)
    {
        var options = s_options with { CheckpointInterval = TimeSpan.Zero };
        using var whole = new Folder();
        using var data = new Blobs();
        using var expected = Trainer([2, 2], options, together).Run(data, whole.Path);
        using var folder = new Folder();
        foreach (var death in new[] { 1, 2, 3, 5, 4, 9, 2, 5 })
        {
            using var dying = new Blobs { Before = batch => { if (batch == death) throw new TimeoutException("killed"); } };
            Trainer([2, 2], options, together).Invoking(t => t.Run(dying, folder.Path)).Should().Throw<TimeoutException>();
        }
        using var resumed = Trainer([2, 2], options, together).Run(data, folder.Path);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected));
        foreach (var file in Directory.GetFiles(whole.Path))
            File.ReadAllBytes(file).Should().Equal(File.ReadAllBytes(folder.At(Path.GetFileName(file))));
    }

    [Fact]
    public void A_cancelled_run_goes_on_and_a_finished_one_is_only_loaded()
    {
        using var whole = new Folder();
        using var data = new Blobs();
        using var expected = Trainer([2, 1]).Run(data, whole.Path);
        using var folder = new Folder();
        using var source = new CancellationTokenSource();
        var cancel = new ProgressLog<SwitchingProgress>(p => { if (p is { Channel: 1, Training.Step: 3 }) source.Cancel(); });
        Trainer([2, 1]).Invoking(t => t.Run(data, folder.Path, cancel, source.Token)).Should().Throw<OperationCanceledException>();
        File.Exists(folder.At("0_1.training")).Should().BeTrue();
        using var resumed = Trainer([2, 1]).Run(data, folder.Path);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected));
        var batches = data.Batches;
        File.WriteAllText(folder.At("1_0.training"), "left by a process that died before it tidied up");
        using var again = Trainer([2, 1]).Run(data, folder.Path);
        (data.Batches - batches).Should().Be(1, "only the first examples are read");
        Nets.Weights(again).Should().Equal(Nets.Weights(expected));
        Directory.GetFiles(folder.Path, "*.training").Should().BeEmpty();
    }

    [Fact]
    public void The_cost_is_linear_in_the_number_of_channels()
    {
        long Steps(int channels)
        {
            using var data = new Blobs();
            using var folder = new Folder();
            var steps = 0L;
            using var network = Trainer([channels, channels])
                .Run(data, folder.Path, new ProgressLog<SwitchingProgress>(p => steps = Math.Max(steps, p.Training.Steps)));
            return data.Batches - 1 - 2 * channels;   // the data are read once for the folder and once for each channel
        }
        var (one, two, four) = (Steps(1), Steps(2), Steps(4));
        (one, two, four).Should().Be((2 * 2 * 4, 2 * one, 4 * one));
    }

    [Fact]
    public void Channels_trained_together_are_trained_as_alone_on_the_batches_of_the_first()
    {
        using var data = new Blobs();
        using var apart = new Folder();
        using var joint = new Folder();
        // If only the order of the examples is random, the first channel of a group is trained as if it were alone.
        SwitchingTrainer Plain(int together) => new([Linear, Upper], [3, 2], s_options) { ChannelsTogether = together };
        using var alone = Plain(1).Run(data, apart.Path);
        var batches = data.Batches;
        using var grouped = Plain(3).Run(data, joint.Path);
        (data.Batches - batches).Should().Be(1 + 2 + 2 * 2 * 4, "each block is one pass over the data");
        Close(alone.Blocks[0].Channels[0], grouped.Blocks[0].Channels[0]).Should().BeLessThan(1e-6);
        Close(alone.Blocks[0].Channels[1], grouped.Blocks[0].Channels[1]).Should()
            .BeInRange(1e-4, 0.5, "it starts from the same weights and sees another order");
        Close(grouped.Blocks[0].Channels[0], grouped.Blocks[0].Channels[1]).Should().BeGreaterThan(0.5);
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var data = new Blobs();
        Leaks.None(() =>
        {
            using var folder = new Folder();
            Trainer([2, 2]).Run(data, folder.Path).Dispose();
        });
    }

    [Fact]
    public void Statistics_of_frozen_blocks_stay()
    {
        using var data = new Blobs();
        using var folder = new Folder();
        Func<ulong, nn.Module<Tensor, Tensor>> normed = seed => nn.Sequential(("linear", Nets.Linear(Blobs.Features, 8, seed)), ("norm", nn.BatchNorm1d(8)));
        byte[] before = [];
        var progress = new ProgressLog<SwitchingProgress>(p => { if (p.Block == 1 && before.Length == 0) before = File.ReadAllBytes(folder.At("0_0")); });
        using var network = new SwitchingTrainer([normed, Upper], [1, 1], s_options).Run(data, folder.Path, progress);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true)) network.Blocks[0].Channels[0].save(writer);
        stream.ToArray().Should().Equal(before);
    }

    [Fact]
    public void Bad_input_is_refused_with_its_reason()
    {
        using var data = new Blobs();
        using var folder = new Folder();
        var make = (IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks, IReadOnlyList<int> channels) => new SwitchingTrainer(blocks, channels);
        make.Invoking(m => m([], [])).Should().Throw<ArgumentException>();
        make.Invoking(m => m([Lower, Upper], [2])).Should().Throw<ArgumentException>().WithMessage("*each of the 2 blocks*");
        make.Invoking(m => m([Lower, Upper], [2, 0])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*channels[1]*");
        make.Invoking(m => m([Lower, null!], [1, 1])).Should().Throw<ArgumentNullException>().WithParameterName("blocks[1]");
        var same = Nets.Linear(Blobs.Features, Blobs.Classes, 1);
        make.Invoking(m => m([_ => same, _ => same], [1, 1]).Run(data, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage("*new module*");
        make.Invoking(m => m([_ => null!], [1]).Run(data, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage("*null*");
        Trainer([1, 1]).Invoking(t => t.Load(folder.Path)).Should().Throw<FileNotFoundException>().WithMessage("*Channel 0 of block 0*");
        Trainer([1, 1]).Invoking(t => t.Run(data, " ")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void A_folder_of_other_settings_or_a_file_of_other_weights_is_refused()
    {
        using var data = new Blobs();
        using var folder = new Folder();
        Trainer([1, 1]).Run(data, folder.Path).Dispose();
        Trainer([2, 1]).Invoking(t => t.Run(data, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage("*Channels: 1 × 1*Channels: 2 × 1*");
        Trainer([1, 1], s_options with { Seed = 6 }).Invoking(t => t.Run(data, folder.Path)).Should().Throw<InvalidOperationException>()
            .WithMessage("*Seed: 5*Seed: 6*");
        File.Copy(folder.At("1_0"), folder.At("0_0"), overwrite: true);
        Trainer([1, 1]).Invoking(t => t.Load(folder.Path)).Should().Throw<InvalidDataException>().WithMessage("*0_0*");
        File.WriteAllBytes(folder.At("0_0"), File.ReadAllBytes(folder.At("1_0"))[..20]);
        Trainer([1, 1]).Invoking(t => t.Load(folder.Path)).Should().Throw<InvalidDataException>().WithMessage("*0_0*");
    }

    private static SwitchingTrainer Trainer(int[] channels, TrainingOptions? options = null, int together = 1)
    {
        Func<ulong, nn.Module<Tensor, Tensor>>[] blocks = channels.Length switch
        {
            2 => [Lower, Upper],
            3 => [Lower, seed => nn.Sequential(("linear", Nets.Linear(8, 8, seed)), ("relu", nn.ReLU())), Upper],
            _ => throw new ArgumentOutOfRangeException(nameof(channels)),
        };
        return new SwitchingTrainer(blocks, channels, options ?? s_options) { ChannelsTogether = together };
    }

    private static nn.Module<Tensor, Tensor> Lower(ulong seed) =>
        nn.Sequential(("linear", Nets.Linear(Blobs.Features, 8, seed)), ("relu", nn.ReLU()), ("mask", new Mask()));

    private static nn.Module<Tensor, Tensor> Linear(ulong seed) => Nets.Linear(Blobs.Features, 8, seed);

    private static nn.Module<Tensor, Tensor> Upper(ulong seed) => Nets.Linear(8, Blobs.Classes, seed);

    private static double Close(nn.Module first, nn.Module second) =>
        Nets.Weights(first).Zip(Nets.Weights(second), (a, b) => Math.Abs(a - b)).Max();

    /// <summary>A lower channel that watches how it is used.</summary>
    private sealed class Probe : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear linear;

        internal Probe(ulong seed) : base(nameof(Probe))
        {
            linear = Nets.Linear(Blobs.Features, 8, seed);
            RegisterComponents();
        }

        internal int Passes { get; private set; }

        internal bool SawGradient { get; private set; }

        internal bool Trained => SawGradient;

        public override Tensor forward(Tensor x)
        {
            Passes++;
            var output = linear.call(x);
            SawGradient |= output.requires_grad;
            return output;
        }
    }
}
