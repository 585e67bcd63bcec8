using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

public sealed class EarlyStoppingTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 12, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) }, Seed = 7, ReportEvery = 1,
        EarlyStopping = new EarlyStopping { Patience = 3 },
    };

    [Fact]
    public void A_training_ends_when_no_score_was_better_for_the_stated_epochs_on_the_weights_of_the_best_one()
    {
        var (network, history) = Train(new Script(0.1, 0.5, 0.7, 0.7, 0.2, 0.6, 0.9));
        using var _ = network;
        history.Select(epoch => epoch.ValidationAccuracy).Should().Equal(0.1, 0.5, 0.7, 0.7, 0.2, 0.6);
        var (three, __) = Train(new Script(0, 0, 0), s_options with { Epochs = 3, EarlyStopping = null });
        using var ___ = three;
        Nets.Weights(network).Should().Equal(Nets.Weights(three), "the third epoch was the first of the best ones");
    }

    [Fact]
    public void The_best_weights_count_also_where_all_epochs_were_done()
    {
        var (network, history) = Train(new Script(0.4, 0.9, 0.8, 0.85), s_options with { Epochs = 4 });
        using var _ = network;
        history.Should().HaveCount(4);
        var (two, __) = Train(new Script(0, 0), s_options with { Epochs = 2, EarlyStopping = null });
        using var ___ = two;
        Nets.Weights(network).Should().Equal(Nets.Weights(two));
    }

    [Fact]
    public void A_gain_below_the_least_is_none()
    {
        var options = s_options with { EarlyStopping = new EarlyStopping { Patience = 2, LeastGain = 0.1 } };
        var (network, history) = Train(new Script(0.5, 0.65, 0.7, 0.72, 0.9), options);
        network.Dispose();
        history.Should().HaveCount(4, "0.70 and 0.72 are less than 0.1 above 0.65");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(25)]
    [InlineData(41)]
    public void Killed_at_any_step_it_ends_at_the_same_epoch_with_the_same_weights(int death)
    {
        double[] scores = [0.1, 0.5, 0.7, 0.7, 0.2, 0.6, 0.9];
        var (expected, history) = Train(new Script(scores));
        using var _ = expected;
        using var folder = new Folder();
        using (var data = new Blobs { Before = batch => { if (batch == death + 1) throw new TimeoutException("killed"); } })
        using (var validation = new Blobs(seed: 4))
        using (var network = Nets.Classifier(1))
        {
            var run = () => new Trainer(s_options) { Score = new Script(scores) }.Run(network, data, folder.At("run"), validation);
            run.Should().Throw<TimeoutException>();
        }
        var (resumed, again) = Train(new Script(scores), path: folder.At("run"), seed: 50);
        using var __ = resumed;
        again.Should().Equal(history);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected));
        var (loaded, ___) = Train(new Script(), path: folder.At("run"), seed: 51);
        using var ____ = loaded;
        Nets.Weights(loaded).Should().Equal(Nets.Weights(expected), "a finished run is only loaded");
    }

    [Fact]
    public void A_score_that_is_cancelled_is_measured_again_by_the_resumed_run()
    {
        var (expected, history) = Train(new Script(0.1, 0.5, 0.4, 0.3, 0.2));
        using var _ = expected;
        using var folder = new Folder();
        using var data = new Blobs();
        using var validation = new Blobs(seed: 4);
        using var network = Nets.Classifier(1);
        var run = () => new Trainer(s_options) { Score = new Script(0.1, -1) }.Run(network, data, folder.At("run"), validation);
        run.Should().Throw<OperationCanceledException>();
        var batches = data.Batches;
        new Trainer(s_options) { Score = new Script(-1, 0.5, 0.4, 0.3, 0.2) }.Run(network, data, folder.At("run"), validation).Should().Equal(history);
        Nets.Weights(network).Should().Equal(Nets.Weights(expected));
        (data.Batches - batches).Should().Be(1 + (3 * 8), "no step of the second epoch is done again");
    }

    [Fact]
    public void Another_criterion_or_other_validation_data_are_another_training()
    {
        using var folder = new Folder();
        Train(new Script(0.3, 0.2, 0.1, 0.1), path: folder.At("run")).Network.Dispose();
        var other = () => Train(new Script(), s_options with { EarlyStopping = new EarlyStopping { Patience = 4 } }, folder.At("run"));
        other.Should().Throw<InvalidOperationException>().WithMessage("*Patience = 3*Patience = 4*");
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        var without = () => new Trainer(s_options).Run(network, data);
        without.Should().Throw<ArgumentNullException>().WithParameterName("validation");
        var wrong = () => new EarlyStopping { Patience = 0 };
        wrong.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Patience*");
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        Leaks.None(() => new Trainer(s_options with { Epochs = 2 }).Run(network, data, validation: data));
    }

    private static (nn.Module<Tensor, Tensor> Network, IReadOnlyList<EpochResult> History) Train(
        Script score, TrainingOptions? options = null, string? path = null, ulong seed = 1)
    {
        using var data = new Blobs();
        using var validation = new Blobs(seed: 4);
        var network = Nets.Classifier(seed);
        return (network, new Trainer(options ?? s_options) { Score = score }.Run(network, data, path, validation));
    }

    // Gives the scores of a list by the seed of the epoch; cancelled where the score is negative.
    private sealed class Script(params double[] scores) : ValidationScore
    {
        protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation)
        {
            network.training.Should().BeTrue();
            var epoch = Enumerable.Range(0, 20).Single(number =>
                Seeds.Combine(Seeds.Combine(Seeds.Combine(s_options.Seed, "epoch"), number), "validation") == seed);
            return scores[epoch] >= 0 ? scores[epoch] : throw new OperationCanceledException();
        }

        public override string ToString() => "script";
    }
}
