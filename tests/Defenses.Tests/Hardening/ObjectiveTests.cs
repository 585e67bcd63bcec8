using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Hardening;

/// <summary>What every objective that attacks must keep.</summary>
public sealed class ObjectiveTests
{
    private static readonly Bounds s_bounds = new(-4, 4);

    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 3, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) }, Seed = 7, ReportEvery = 1,
            CheckpointInterval = TimeSpan.MaxValue,
        EarlyStopping = new EarlyStopping { Patience = 1 },
    };

    public static TheoryData<string> Names => [.. Objectives.Keys];

    private static Dictionary<string, TrainingObjective> Objectives => new()
    {
        ["Madry"] = AdversarialTraining.Madry(0.3, s_bounds, steps: 3),
        ["L2"] = new AdversarialTraining(new Pgd(0.5) { Norm = Norm.L2, Steps = 3, Restarts = 2 }, s_bounds) { Draws = 2 },
        ["Ramp"] = AdversarialTraining.Madry(0.3, s_bounds, steps: 3, ramp: 0.7),
        ["MixedFgsm"] = AdversarialTraining.MixedFgsm(0.3, s_bounds),
        ["Trades"] = new Trades(0.3, s_bounds) { Steps = 3 },
        ["TradesL2"] = new Trades(0.5, s_bounds) { Steps = 3, Norm = Norm.L2, Draws = 3 },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_that_dies_at_any_moment_resumes_to_the_same_weights_bit_for_bit(string name)
    {
        using var expected = Network(1);
        var history = Train(name, expected, null);
        Train("Plain", null, null).Should().NotEqual(history);
        using var folder = new Folder();
        foreach (var death in new[] { 2, 7, 4 })
        {
            using var data = new Blobs { Before = batch => { if (batch == death + 1) throw new TimeoutException("killed"); } };
            using var validation = new Blobs(seed: 4);
            using var network = Network(death == 2 ? 1ul : 99);
            var run = () => Trainer(name).Run(network, data, folder.At("run"), validation);
            run.Should().Throw<TimeoutException>();
        }
        using var resumed = Network(98);
        Train(name, resumed, folder.At("run")).Should().Equal(history);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected));
        var other = () => new Trainer(s_options, new Trades(0.31, s_bounds)).Run(resumed, new Blobs(), folder.At("run"), new Blobs(seed: 4));
        other.Should().Throw<InvalidOperationException>().WithMessage("*Objective*0.31*");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_cancelled_run_resumes_to_the_same_weights(string name)
    {
        using var expected = Network(1);
        Train(name, expected, null);
        using var folder = new Folder();
        using var network = Network(1);
        using var source = new CancellationTokenSource();
        var run = () => Train(name, network, folder.At("run"), new ProgressLog<TrainingProgress>(report => { if (report.Step == 11) source.Cancel(); }),
            source.Token);
        run.Should().Throw<OperationCanceledException>();
        Train(name, network, folder.At("run"));
        Nets.Weights(network).Should().Equal(Nets.Weights(expected));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_attack_changes_no_mode_no_flag_no_stream_and_no_gradient(string name)
    {
        using var scope = NewDisposeScope();
        using var data = new Blobs();
        using var network = Network(1);
        network.train();
        network.named_modules().Single(found => found.name == "norm").module.eval();   // statistics that must not change
        var frozen = network.named_parameters().Single(found => found.name == "hidden.weight").parameter.requires_grad_(false);
        (string, bool)[] Modes() => [.. network.named_modules().Select(found => (found.name, found.module.training))];
        var before = Modes();
        network.Reseed(5);
        using (network.call(data.Points)) { }
        var statistics = Nets.Weights(network);
        float[] next;
        using (network.call(data.Points)) next = Numbers.Of(network.call(data.Points)).Select(value => (float)value).ToArray();
        network.Reseed(5);
        using (network.call(data.Points)) { }
        using (network.call(data.Points)) { }
        using var random = new RandomSource(3);
        var (images, labels) = data.Batch([0, 1, 2, 3, 4, 5, 6, 7]);
        var adversary = new Adversary(new Pgd(0.3) { Steps = 2 }, s_bounds) { Draws = 2 };
        adversary.Perturb(network, images, labels, 9);
        Modes().Should().Equal(before);
        Nets.Weights(network).Should().Equal(statistics, "nothing is learnt by attacking");
        Numbers.Of(network.call(data.Points)).Select(value => (float)value).Should().Equal(next, "the streams of the layers did not move");
        Objectives[name].Compute(network, images, labels, random);
        Modes().Should().Equal(before);
        frozen.requires_grad.Should().BeFalse();
        network.parameters().Should().OnlyContain(parameter => ReferenceEquals(parameter.grad, null));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Leaves_no_tensor_behind_and_none_grow_in_number_during_the_run(string name)
    {
        using var network = Network(1);
        var live = new List<long>();
        Leaks.None(() => Train(name, network, null, new ProgressLog<TrainingProgress>(_ => live.Add(Leaks.Live()))));
        live.Distinct().Should().HaveCountLessThanOrEqualTo(2, "the number of live tensors is the same after every step of either run");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Images_out_of_bounds_are_refused(string name)
    {
        using var points = full([8, Blobs.Features], 5.0);
        using var labels = zeros(8, dtype: ScalarType.Int64);
        using var network = Network(1);
        var run = () => new Trainer(s_options with { EarlyStopping = null }, Objectives[name]).Run(network, new TensorData(points, labels));
        run.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*images*[-4, 4]*[5, 5]*");
    }

    [Fact]
    public void Without_a_share_or_a_weight_they_are_exactly_the_plain_training()
    {
        float[] Weights(TrainingObjective objective)
        {
            using var network = Network(1);
            using var data = new Blobs();
            new Trainer(s_options with { EarlyStopping = null }, objective).Run(network, data);
            return Nets.Weights(network);
        }
        var plain = Weights(new CrossEntropyObjective());
        Weights(AdversarialTraining.MixedFgsm(0.3, s_bounds, share: 0)).Should().Equal(plain);
        Weights(new Trades(0.3, s_bounds) { Beta = 0 }).Should().Equal(plain);
        Weights(AdversarialTraining.Madry(0, s_bounds)).Should().Equal(plain, "within ε = 0 there is only the image itself");
        Weights(AdversarialTraining.Madry(0.3, s_bounds)).Should().NotEqual(plain);
    }

    // A run is resumed, and stops early, by the same text only.
    [Fact]
    public void Each_option_is_in_the_text()
    {
        var (pgd, other) = (new Pgd(0.3) { Steps = 3 }, new Bounds(-4, 5));
        Differ(new AdversarialTraining(pgd, s_bounds), new AdversarialTraining(pgd with { Steps = 4 }, s_bounds), new AdversarialTraining(pgd, other),
            new AdversarialTraining(pgd, new Bounds(-5, 4)), new AdversarialTraining(pgd, s_bounds) { Share = 0.5 },
                new AdversarialTraining(pgd, s_bounds) { Draws = 2 }, Ramp(0.3, 0.5), Ramp(0.3, 0.6), Ramp(0.4, 0.5));
        Differ(new RobustAccuracy(pgd, s_bounds), new RobustAccuracy(pgd with { Steps = 4 }, s_bounds), new RobustAccuracy(pgd, other),
            new RobustAccuracy(pgd, s_bounds) { BatchSize = 50 }, new RobustAccuracy(pgd, s_bounds) { Draws = 2 });
        Differ(new Trades(0.3, s_bounds), new Trades(0.4, s_bounds), new Trades(0.3, other), new Trades(0.3, new Bounds(-5, 4)),
            new Trades(0.3, s_bounds) { Beta = 5 },
            new Trades(0.3, s_bounds) { Norm = Norm.L2 }, new Trades(0.3, s_bounds) { Steps = 9 }, new Trades(0.3, s_bounds) { StepSize = 0.1 },
                new Trades(0.3, s_bounds) { Draws = 2 });
        Differ(new GaussianAugmentation(0.3), new GaussianAugmentation(0.4), new GaussianAugmentation(0.3) { Share = 0.5 },
            new GaussianAugmentation(0.3, new Trades(0.3, s_bounds)));
        Differ(new CrossEntropyObjective(), new CrossEntropyObjective { Temperature = 20 }, new CrossEntropyObjective { Temperature = 30 });

        Ramp(0.3, 0).ToString().Should().Be($"{new AdversarialTraining(pgd, s_bounds)}", "without a ramp runs of before go on");

        AdversarialTraining Ramp(double epsilon, double ramp) => new(budget => pgd with { Epsilon = budget }, epsilon, s_bounds, ramp);
        static void Differ(params object[] options) => options.Select(option => option.ToString()).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Bad_options_are_refused_with_their_reason()
    {
        var attack = () => new AdversarialTraining(null!, s_bounds);
        attack.Should().Throw<ArgumentNullException>().WithParameterName("attack");
        var bounds = () => new AdversarialTraining(new Fgsm(0.1), new Bounds(1, 0));
        bounds.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("bounds");
        var share = () => AdversarialTraining.MixedFgsm(0.1, s_bounds, share: 1.5);
        share.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Share*[0, 1]*1.5*");
        var ramp = () => AdversarialTraining.Madry(0.1, s_bounds, ramp: 1.5);
        ramp.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*ramp*[0, 1]*1.5*");
        var negative = () => new AdversarialTraining(budget => new Fgsm(budget), -0.1, s_bounds, 0.5);
        negative.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("epsilon");
        var none = () => new AdversarialTraining(null!, 0.1, s_bounds, 0.5);
        none.Should().Throw<ArgumentNullException>().WithParameterName("attack");
        var epsilon = () => new Trades(-1, s_bounds);
        epsilon.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("epsilon");
        var norm = () => new Trades(1, s_bounds) { Norm = Norm.L1 };
        norm.Should().Throw<ArgumentException>().WithMessage("*L2 or Linf*");
    }

    private static Trainer Trainer(string name) => new(s_options, name == "Plain" ? null : Objectives[name])
    {
        Score = new RobustAccuracy(new Pgd(0.2) { Steps = 2, Restarts = 1 }, s_bounds) { BatchSize = 50 },
    };

    private static IReadOnlyList<EpochResult> Train(
        string name, nn.Module<Tensor, Tensor>? network, string? path, IProgress<TrainingProgress>? progress = null, CancellationToken token = default)
    {
        using var data = new Blobs();
        using var validation = new Blobs(seed: 4);
        using var own = network is null ? Network(1) : null;
        return Trainer(name).Run(network ?? own!, data, path, validation, progress, token);
    }

    // Statistics, a dropout of training, and noise that stays.
    private static nn.Module<Tensor, Tensor> Network(ulong seed) => nn.Sequential(
        ("hidden", Nets.Linear(Blobs.Features, 16, seed)), ("norm", nn.BatchNorm1d(16)), ("relu", nn.ReLU()), ("mask", new Mask()),
        ("noise", new Defenses.Layers.GaussianNoise(0.05)), ("out", Nets.Linear(16, Blobs.Classes, seed + 1)));
}
