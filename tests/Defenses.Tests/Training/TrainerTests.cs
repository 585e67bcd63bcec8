using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

public sealed class TrainerTests
{
    private static readonly TrainingOptions s_short = new() { Epochs = 4, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) },
        Seed = 7 };

    [Fact]
    public void Learns_clouds_of_points_to_high_accuracy()
    {
        using var data = new Blobs();
        using var fresh = new Blobs(seed: 4);
        using var network = Nets.Classifier(1);
        var history = new Trainer(s_short with { Epochs = 30 }).Run(network, data, validation: fresh);
        history.Should().HaveCount(30);
        history[^1].Accuracy.Should().BeGreaterThan(0.95);
        history[^1].ValidationAccuracy.Should().BeGreaterThan(0.95);
        history[^1].Loss.Should().BeLessThan(0.3 * history[0].Loss);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        var first = Train(s_short);
        using (randn(1000)) { }   // the global generator does not matter
        Train(s_short).Should().Equal(first);
        Train(s_short with { Seed = 8 }).Should().NotEqual(first);
    }

    [Fact]
    public void One_step_is_the_update_along_the_gradient_of_the_mean_loss()
    {
        using var data = new Blobs(10);
        using var network = Nets.Linear(Blobs.Features, Blobs.Classes, 1);
        using var scope = NewDisposeScope();
        var (x, labels) = data.Batch([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        nn.functional.cross_entropy(network.call(x), labels).backward();
        var expected = (network.weight - 0.05 * network.weight.grad!).detach();
        new Trainer(s_short with { Epochs = 1, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05), Momentum = 0 } }).Run(network, data);
        (network.weight - expected).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Every_example_is_seen_once_per_epoch_the_last_batch_being_smaller()
    {
        using var data = new Blobs(37);
        using var network = Nets.Classifier(1);
        var heard = new ProgressLog<TrainingProgress>();
        new Trainer(s_short with { Epochs = 2, ReportEvery = 1 }).Run(network, data, progress: heard);
        heard.All.Should().HaveCount(2 * 3 + 2, "each epoch has three steps and one final report");
        heard.All[^1].Should().Match<TrainingProgress>(p => p.Step == 6 && p.Steps == 6 && p.Epoch == 2 && p.TimeLeft == TimeSpan.Zero);
        heard.All[0].TimeLeft.Should().BePositive();
        heard.All[0].ImagesPerSecond.Should().BePositive();
    }

    [Fact]
    public void Frozen_parameters_stay_and_the_network_is_left_ready_for_use()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        var parameters = network.named_parameters().ToDictionary(found => found.name, found => found.parameter);
        parameters["hidden.weight"].requires_grad_(false);
        using var frozen = parameters["hidden.weight"].clone();
        using var trained = parameters["out.weight"].clone();
        new Trainer(s_short with { Epochs = 1 }).Run(network, data);
        using var same = parameters["hidden.weight"].equal(frozen).all();
        using var changed = parameters["out.weight"].equal(trained).all();
        (same.ToBoolean(), changed.ToBoolean(), network.training).Should().Be((true, false, false));
        network.parameters().Should().OnlyContain(parameter => HasNoGradient(parameter));
    }

    [Fact]
    public void Layers_get_their_own_streams_back()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        float[] Draw()
        {
            network.Reseed(11);
            network.train();
            using var noGrad = no_grad();
            using var output = network.call(data.Points);
            network.eval();
            return output.data<float>().ToArray();
        }
        using var still = Nets.Classifier(1);
        new Trainer(s_short with { Epochs = 1 }).Run(network, data);
        var before = Draw();
        network.Reseed(11);
        new Trainer(s_short with { Epochs = 1, Update = new SgdUpdate { Rate = LearningRate.Constant(1e-30), Momentum = 0 } }).Run(network, data);
        network.train();
        using var noGrad = no_grad();
        using var after = network.call(data.Points);
        after.data<float>().ToArray().Should().Equal(before, "a training draws from streams that it lends, and the layer's own stands still");
    }

    [Fact]
    public void Leaves_no_tensor_behind_and_none_grow_in_number_during_the_run()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        var live = new List<long>();
        Leaks.None(() => new Trainer(s_short with { ReportEvery = 1 })
            .Run(network, data, progress: new ProgressLog<TrainingProgress>(_ => live.Add(Leaks.Live()))));
        live.Distinct().Should().HaveCountLessThanOrEqualTo(2, "the number of live tensors is the same after every step of either run");
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_with_advice()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        var run = () => new Trainer(s_short with { Update = new SgdUpdate { Rate = LearningRate.Constant(1e20) }, ReportEvery = 1 }).Run(network, data);
        run.Should().Throw<InvalidOperationException>().WithMessage("*no longer a finite number*lower the learning rate*");
    }

    [Fact]
    public void Bad_input_is_refused_with_its_reason()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        var trainer = new Trainer(s_short);
        trainer.Invoking(t => t.Run(null!, data)).Should().Throw<ArgumentNullException>().WithParameterName("network");
        trainer.Invoking(t => t.Run(network, null!)).Should().Throw<ArgumentNullException>().WithParameterName("data");
        trainer.Invoking(t => t.Run(network, new Empty())).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("data");
        trainer.Invoking(t => t.Run(nn.ReLU(), data)).Should().Throw<InvalidOperationException>().WithMessage("*nothing to train*");
        using var narrow = Nets.Linear(Blobs.Features, 2, 1);
        trainer.Invoking(t => t.Run(narrow, data)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[0, 2)*");
        var unused = () => new TrainingOptions { BatchSize = 0 };
        unused.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*BatchSize*");
    }

    [Fact]
    public void Torchs_own_dropout_is_refused_unless_allowed()
    {
        using var data = new Blobs();
        using var network = nn.Sequential(("drop", nn.Dropout(0.5)), ("out", Nets.Linear(Blobs.Features, Blobs.Classes, 1)));
        var run = (TrainingOptions options) => new Trainer(options).Run(network, data);
        run.Invoking(r => r(s_short)).Should().Throw<InvalidOperationException>().WithMessage("*Dropout at 'drop'*DefensiveDropout*");
        run(s_short with { AllowGlobalGenerator = true }).Should().HaveCount(4);
    }

    [Fact]
    public void Labels_may_be_probabilities()
    {
        using var points = ones(8, 2);
        using var half = full([8, 2], 0.5f);
        using var network = Nets.Linear(2, 2, 1);
        var history = new Trainer(s_short with { Epochs = 200, Update = new SgdUpdate { Rate = LearningRate.Constant(0.5) } })
            .Run(network, new TensorData(points, half));
        history[^1].Loss.Should().BeApproximately(Math.Log(2), 1e-4, "the entropy of the labels is the smallest cross-entropy");
    }

    private static float[] Train(TrainingOptions options)
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        new Trainer(options).Run(network, data);
        return Nets.Weights(network);
    }

    private static bool HasNoGradient(TorchSharp.Modules.Parameter parameter)
    {
        using var gradient = parameter.grad;
        return gradient is null;
    }

    private sealed class Empty : ITrainingData
    {
        public long Count => 0;

        public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices) => throw new NotSupportedException();
    }
}
