using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

public sealed class ResumeTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 3, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.InverseTime(0.05, 1e-3) }, Seed = 7, CheckpointInterval = TimeSpan.MaxValue,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(24)]
    public void A_cancelled_run_goes_on_to_the_same_weights_bit_for_bit(int step)
    {
        var expected = Uninterrupted(s_options);
        using var folder = new Folder();
        using (var source = new CancellationTokenSource())
        {
            using var data = new Blobs();
            using var network = Network(1);
            var cancel = new ProgressLog<TrainingProgress>(p => { if (p.Step == step) source.Cancel(); });
            var run = () => Train(s_options with { ReportEvery = 1 }, network, data, folder.At("run"), cancel, source.Token);
            if (step < 24) run.Should().Throw<OperationCanceledException>();
            else run.Should().NotThrow("everything was done when the cancellation came");
        }
        ShouldEndWith(expected, s_options, folder);
    }

    [Fact]
    public void The_objective_is_told_the_share_done_after_each_step_also_when_a_run_goes_on()
    {
        using var folder = new Folder();
        var told = new List<double>();
        for (var part = 0; part < 2; part++)
        {
            using var data = new Blobs();
            using var network = Network(1);
            data.Before = batch => { if (part == 0 && batch == 13) throw new TimeoutException("killed"); };
            var run = () => new Trainer(s_options with { CheckpointInterval = TimeSpan.Zero }, new Changing(told)).Run(network, data, folder.At("run"));
            if (part == 0) run.Should().Throw<TimeoutException>();
            else run();
        }
        told.Should().Equal(Enumerable.Range(1, 24).Select(step => step / 24.0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_run_that_dies_at_any_moment_goes_on_to_the_same_weights_bit_for_bit(int minutesBetweenCheckpoints)
    {
        var options = s_options with { CheckpointInterval = TimeSpan.FromMinutes(minutesBetweenCheckpoints), Update = new AdamUpdate() };
        var expected = Uninterrupted(options);
        using var folder = new Folder();
        foreach (var death in new[] { 2, 3, 8, 1, 6 })
        {
            using var data = new Blobs();
            using var network = Network(death == 2 ? 1ul : 99);
            data.Before = batch => { if (batch == death + 1) throw new TimeoutException("killed"); };   // batch 1 is read for the settings
            var run = () => Train(options, network, data, folder.At("run"));
            run.Should().Throw<TimeoutException>();
            File.WriteAllText(folder.At("run.part"), "what a process left that died while it wrote");
        }
        ShouldEndWith(expected, options, folder);
    }

    [Fact]
    public void A_run_that_dies_between_the_last_step_of_an_epoch_and_its_end_goes_on_there()
    {
        var options = s_options with { CheckpointInterval = TimeSpan.Zero };
        var expected = Uninterrupted(options);
        using var folder = new Folder();
        using (var data = new Blobs())
        using (var validation = new Blobs { Before = _ => throw new TimeoutException("killed") })
        using (var network = Network(1))
        {
            var run = () => new Trainer(options).Run(network, data, folder.At("run"), validation);
            run.Should().Throw<TimeoutException>();
        }
        var heard = new ProgressLog<TrainingProgress>();
        ShouldEndWith(expected, options, folder, heard);
        heard.All[0].Epoch.Should().Be(2, "no speed is known before the first step");
    }

    [Fact]
    public void A_finished_run_is_only_loaded()
    {
        using var folder = new Folder();
        using var data = new Blobs();
        using var network = Network(1);
        new Trainer(s_options).Run(network, data, folder.At("run"));
        var batches = data.Batches;
        batches.Should().Be(1 + 3 * 8);
        using var other = Network(2);
        new Trainer(s_options).Run(other, data, folder.At("run")).Should().HaveCount(3);
        Nets.Weights(other).Should().Equal(Nets.Weights(network));
        data.Batches.Should().Be(batches + 1, "only the first examples are read, for the hash of the data");
    }

    [Fact]
    public void A_checkpoint_of_other_settings_is_refused_with_the_difference()
    {
        using var folder = new Folder();
        using var data = new Blobs();
        using var network = Network(1);
        new Trainer(s_options).Run(network, data, folder.At("run"));
        var run = (TrainingOptions options, ITrainingData on) => new Trainer(options).Run(network, on, folder.At("run"));
        run.Invoking(r => r(s_options with { BatchSize = 32 }, data)).Should().Throw<InvalidOperationException>().WithMessage("*BatchSize: 16*BatchSize: 32*");
        run.Invoking(r => r(s_options with { Update = new AdamUpdate() }, data)).Should().Throw<InvalidOperationException>()
            .WithMessage("*SgdUpdate*AdamUpdate*");
        using var others = new Blobs(seed: 50);
        run.Invoking(r => r(s_options, others)).Should().Throw<InvalidOperationException>().WithMessage("*Data: 120 examples*");
        using var wide = Nets.Linear(Blobs.Features, 4, 1);
        var wider = () => new Trainer(s_options).Run(wide, data, folder.At("run"));
        wider.Should().Throw<InvalidOperationException>().WithMessage("*hidden.weight*");
        run(s_options with { ReportEvery = 1, CheckpointInterval = TimeSpan.Zero }, data).Should().HaveCount(3, "what changes no result may differ");
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused()
    {
        using var folder = new Folder();
        using var data = new Blobs();
        using var network = Network(1);
        var path = folder.At("run");
        new Trainer(s_options).Run(network, data, path);
        var whole = File.ReadAllBytes(path);
        var run = () => new Trainer(s_options).Run(network, data, path);
        File.WriteAllBytes(path, whole[..^7]);
        run.Should().Throw<InvalidDataException>().WithMessage("*damaged*Delete it*");
        File.WriteAllBytes(path, []);
        run.Should().Throw<InvalidDataException>().WithMessage("*damaged*");
        whole[whole.Length / 2] ^= 1;
        File.WriteAllBytes(path, whole);
        run.Should().Throw<InvalidDataException>().WithMessage("*damaged*");
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_found_before_the_first_step()
    {
        using var folder = new Folder();
        File.WriteAllText(folder.At("file"), "");
        using var data = new Blobs { Before = batch => (batch < 2).Should().BeTrue("no step may be taken") };
        using var network = Network(1);
        var run = () => new Trainer(s_options).Run(network, data, System.IO.Path.Combine(folder.At("file"), "run"));
        run.Should().Throw<IOException>();
    }

    private static nn.Module<Tensor, Tensor> Network(ulong seed) => nn.Sequential(
        ("hidden", Nets.Linear(Blobs.Features, 16, seed)), ("norm", nn.BatchNorm1d(16)), ("relu", nn.ReLU()), ("mask", new Mask()),
        ("out", Nets.Linear(16, Blobs.Classes, seed + 1)));

    private static (float[] Weights, IReadOnlyList<EpochResult> History) Uninterrupted(TrainingOptions options)
    {
        using var data = new Blobs();
        using var network = Network(1);
        var history = Train(options, network, data, null);
        return (Nets.Weights(network), history);
    }

    // The network's own weights do not matter: those of the run are in its checkpoint.
    private static void ShouldEndWith(
        (float[] Weights, IReadOnlyList<EpochResult> History) expected, TrainingOptions options, Folder folder, IProgress<TrainingProgress>? progress = null)
    {
        using var data = new Blobs();
        using var network = Network(42);
        var history = Train(options, network, data, folder.At("run"), progress);
        Nets.Weights(network).Should().Equal(expected.Weights);
        history.Should().Equal(expected.History);
    }

    private static IReadOnlyList<EpochResult> Train(
        TrainingOptions options, nn.Module<Tensor, Tensor> network, Blobs data, string? path, IProgress<TrainingProgress>? progress = null,
            CancellationToken token = default)
    {
        using var validation = new Blobs(seed: 4);
        return new Trainer(options).Run(network, data, path, validation, progress, token);
    }

    private sealed class Changing(List<double> told) : TrainingObjective
    {
        private readonly CrossEntropyObjective _loss = new();

        protected internal override TrainingObjective At(double progress)
        {
            told.Add(progress);
            return _loss;
        }

        protected internal override (Tensor Loss, Tensor Logits) Compute(
            nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random) => throw new NotSupportedException("only At is asked");

        public override string ToString() => "changes";
    }
}
