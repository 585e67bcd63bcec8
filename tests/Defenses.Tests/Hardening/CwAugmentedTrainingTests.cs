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

public sealed class CwAugmentedTrainingTests
{
    private static readonly Bounds s_bounds = new(-4, 4);

    private static CwAugmentedTraining Training => new(s_bounds, new TrainingOptions
    {
        Epochs = 2, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) }, Seed = 7, ReportEvery = 1,
            CheckpointInterval = TimeSpan.MaxValue,
    })
    {
        Attack = new CarliniWagner { Steps = 20, SearchSteps = 3, InitialConstant = 1, LearningRate = 0.1 },
        Confidences = [0, 0.5], PerConfidence = 20, BatchSize = 8, LargestSize = 2, Most = 25,
    };

    [Fact]
    public void The_smallest_successes_are_added_with_their_right_labels()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel();
        var (x, labels) = model.Data(30);
        var training = new CwAugmentedTraining(Bounds.Unit) { Attack = new CarliniWagner { Steps = 60, SearchSteps = 4, InitialConstant = 1 },
            Confidences = [0], PerConfidence = 40, LargestSize = 1.5, Most = 10 };
        var found = new AugmentationCrafting(training, model.Classifier(), new TensorData(x, labels), new AugmentationFiles(null, "")).All(null, default);
        var sizes = found.Sizes.data<double>().ToArray();
        sizes.Should().HaveCount(10).And.BeInAscendingOrder().And.OnlyContain(size => size > 0 && size <= 1.5);
        (model.call(found.Images).argmax(1) == found.Labels).any().ToBoolean().Should().BeFalse("each fools the model that it was made for");
        for (var i = 0; i < 10; i++)
        {
            var fits = ((x - found.Images[i]).pow(2).sum(1).sqrt() - sizes[i]).abs().lt(1e-4).logical_and(labels.eq(found.Labels[i]));
            fits.any().ToBoolean().Should().BeTrue("an image of that class lies that far away");
        }
        training = new CwAugmentedTraining(Bounds.Unit) { Attack = training.Attack, Confidences = [0], PerConfidence = 4, LargestSize = 1e-9 };
        var none = () => new AugmentationCrafting(training, model.Classifier(), new TensorData(x, labels), new AugmentationFiles(null, "")).All(null, default);
        none.Should().Throw<InvalidOperationException>().WithMessage("*None of 4 attacks*LargestSize*");
    }

    [Fact]
    public void The_second_training_sees_data_and_examples_each_once_an_epoch()
    {
        using var scope = NewDisposeScope();
        using var data = new Blobs(10);
        var added = new AdversarialExamples(ones(3, Blobs.Features), tensor(new long[] { 2, 1, 0 }), zeros(3));
        var all = new AugmentedData(data, added);
        all.Count.Should().Be(13);
        var (images, labels) = all.Batch([12, 3, 10, 0, 11]);
        labels.data<long>().Should().Equal(0, 0, 2, 0, 1);
        Numbers.Of(images[1]).Should().Equal(Numbers.Of(data.Points[3]));
        Numbers.Of(images[3]).Should().Equal(Numbers.Of(data.Points[0]));
        Numbers.Of(images.index_select(0, tensor(new long[] { 0, 2, 4 }))).Should().OnlyContain(value => value == 1);
        var (only, _) = all.Batch([10, 12]);
        only.shape.Should().Equal(2, Blobs.Features);
    }

    [Fact]
    public void Neither_too_large_is_what_is_as_large_as_allowed_and_of_equals_the_earlier_is_taken()
    {
        using var scope = NewDisposeScope();
        AdversarialExamples Some(params double[] sizes) => new(zeros(sizes.Length, 1), arange(sizes.Length, dtype: ScalarType.Int64), tensor(sizes));
        Some(1, 2, 3).Within(2).Sizes.data<double>().Should().Equal(1, 2);
        var smallest = AdversarialExamples.Smallest([Some(3, 2), Some(1, 2, 2)], 3);
        smallest.Sizes.data<double>().Should().Equal(1, 2, 2);
        smallest.Labels.data<long>().Should().Equal(0, 1, 1);
    }

    // Two logits of a linear model are equal at the nearest point that a confidence of 0 accepts, and 3 apart at the nearest that 3 does.
    [Fact]
    public void Each_confidence_has_its_share_of_the_attacks()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel();
        var (x, labels) = model.Data(30);
        var bounds = new Bounds(-10, 10);
        var training = new CwAugmentedTraining(bounds) { Attack = new CarliniWagner { Steps = 60, SearchSteps = 4, InitialConstant = 1.0 / 400 },
            Confidences = [0, 3], PerConfidence = 10, LargestSize = 100 };
        var found = new AugmentationCrafting(training, model.Classifier(bounds), new TensorData(x, labels), new AugmentationFiles(null, "")).All(null, default);
        var logits = model.call(found.Images).detach();
        var ahead = (logits.amax([1]) - logits.gather(1, found.Labels.unsqueeze(1)).squeeze(1)).data<float>().ToArray();
        ahead.Count(lead => lead > 2.99).Should().BeInRange(5, 10, "the attacks at 3");
        ahead.Count(lead => lead < 1).Should().BeInRange(5, 10, "those at 0");
    }

    [Fact]
    public void Images_and_targets_are_drawn_anew_for_every_batch()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel();
        var (x, labels) = model.Data(400);
        var (bounds, targets) = (new Bounds(-10, 10), new List<long>());
        List<long[]> Requested(ulong seed)
        {
            var data = new Recording(new TensorData(x, labels));
            var training = new CwAugmentedTraining(bounds, new TrainingOptions { Seed = seed })
                { Attack = new CarliniWagner { Steps = 40, SearchSteps = 3, InitialConstant = 10 }, Confidences = [0, 0], PerConfidence = 100, BatchSize = 50,
                    LargestSize = 100 };
            var found = new AugmentationCrafting(training, model.Classifier(bounds), data, new AugmentationFiles(null, "")).All(null, default);
            targets.AddRange(((model.call(found.Images).argmax(1) - found.Labels + 4) % 4).data<long>().ToArray());
            return data.Requested;
        }
        var (first, second) = (Requested(1), Requested(2));
        first.Should().HaveCount(4).And.OnlyContain(batch => batch.Length == 50);
        foreach (var (batch, other) in first.SelectMany((batch, place) => first.Take(place).Concat(second).Select(other => (batch, other))))
            batch.Should().NotEqual(other);
        targets.Should().HaveCount(400, "every class can be reached");
        var error = 4 * Math.Sqrt(2.0 / 9 / targets.Count);
        foreach (var away in new[] { 1, 2, 3 }) (targets.Count(target => target == away) / (double)targets.Count).Should()
            .BeApproximately(1 / 3.0, error, "every other class is as likely");
    }

    // One image and one target: what one batch makes of them differs from what the next does by the draws of the network only.
    [Fact]
    public void Every_batch_is_attacked_on_its_own_draws()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        using var network = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.1)), ("linear", model));
        network.eval();
        var bounds = new Bounds(-10, 10);
        var (x, labels) = model.Data(1);
        var training = new CwAugmentedTraining(bounds) { Attack = new CarliniWagner { Steps = 40, SearchSteps = 3, InitialConstant = 10 }, Confidences = [0],
            PerConfidence = 4, BatchSize = 1, LargestSize = 100 };
        var found = new AugmentationCrafting(training, new Classifier(network, bounds), new TensorData(x, labels), new AugmentationFiles(null, ""))
            .All(null, default);
        found.Sizes.data<double>().Should().HaveCountGreaterThan(1).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void Both_trainings_begin_with_the_same_weights_and_minimise_the_objective_the_second_on_the_examples_too()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        using var initial = Nets.Classifier(1);
        var objective = new Watching();
        var training = new CwAugmentedTraining(s_bounds, Training.Options) { Attack = Training.Attack, Confidences = [0], PerConfidence = 20, LargestSize = 2,
            Objective = objective };
        training.Run(network, data);
        objective.Steps.Take(16).Sum(step => step.Images.Length).Should().Be(2 * 120 * Blobs.Features);
        objective.Steps[0].Weights.Should().Equal(Nets.Weights(initial));
        objective.Steps[16].Weights.Should().Equal(Nets.Weights(initial));
        objective.Steps[15].Weights.Should().NotEqual(objective.Steps[16].Weights);
        using var scope = NewDisposeScope();
        var points = Numbers.Of(data.Points).Chunk(Blobs.Features).Select(point => string.Join(' ', point)).ToHashSet();
        int Foreign(IEnumerable<Watching.Step> steps) =>
            steps.Sum(step => step.Images.Chunk(Blobs.Features).Count(point => !points.Contains(string.Join(' ', point))));
        Foreign(objective.Steps.Take(16)).Should().Be(0);
        var added = (objective.Steps.Skip(16).Sum(step => step.Images.Length) / Blobs.Features / 2) - 120;
        added.Should().BeInRange(5, 20);
        Foreign(objective.Steps.Skip(16)).Should().Be(2 * added, "each is seen once an epoch");
        objective.Steps.Select(step => step.Seed).Should().OnlyHaveUniqueItems("each training has its own streams");
        var seeds = objective.Steps.Select(step => step.Seed).ToArray();
        using var other = Nets.Classifier(1);
        new CwAugmentedTraining(s_bounds, Training.Options with { Seed = 8 }) { Attack = Training.Attack, Confidences = [0], PerConfidence = 20,
            LargestSize = 2, Objective = objective }.Run(other, data);
        objective.Steps.Skip(seeds.Length).Select(step => step.Seed).Should().NotIntersectWith(seeds);
    }

    [Fact]
    public void Both_trainings_are_measured_by_the_score()
    {
        using var data = new Blobs();
        using var fresh = new Blobs(30, seed: 4);
        using var network = Nets.Classifier(1);
        var score = new Counting();
        var history = Training.Run(network, data, validation: fresh, score: score);
        history.Select(epoch => epoch.ValidationAccuracy).Should().Equal(3, 4);
        score.Count.Should().Be(4);
    }

    [Theory]
    [InlineData("confidences")]
    [InlineData("per confidence")]
    [InlineData("batch size")]
    [InlineData("most")]
    [InlineData("largest size")]
    [InlineData("attack")]
    [InlineData("bounds")]
    public void A_folder_belongs_to_its_settings_each_of_them(string other)
    {
        using var data = new Blobs();
        using var folder = new Folder();
        using var network = Nets.Classifier(1);
        var kept = Training;
        using var source = new CancellationTokenSource();
        var begin = () => kept.Run(network, data, folder.Path, progress: new ProgressLog<AugmentationProgress>(_ => source.Cancel()),
            cancellation: source.Token);
        begin.Should().Throw<OperationCanceledException>();
        var changed = new CwAugmentedTraining(other == "bounds" ? new Bounds(-4, 5) : s_bounds, kept.Options)
        {
            Attack = other == "attack" ? kept.Attack with { Steps = 21 } : kept.Attack, Confidences = other == "confidences" ? [0, 0.6] : kept.Confidences,
            PerConfidence = other == "per confidence" ? 21 : kept.PerConfidence, BatchSize = other == "batch size" ? 9 : kept.BatchSize,
            LargestSize = other == "largest size" ? 3 : kept.LargestSize, Most = other == "most" ? 26 : kept.Most,
        };
        changed.Invoking(of => of.Run(network, data, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage("*other settings*Augmentation*");
    }

    [Fact]
    public void A_network_that_draws_is_attacked_from_the_seed()
    {
        using var data = new Blobs();
        float[] Weights()
        {
            using var network = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.3)), ("net", Nets.Classifier(1)));
            new CwAugmentedTraining(s_bounds, Training.Options) { Attack = Training.Attack, Confidences = [0], PerConfidence = 10,
                LargestSize = 5 }.Run(network, data);
            return Nets.Weights(network);
        }
        Weights().Should().Equal(Weights());
    }

    [Theory]
    [InlineData(7)]     // in the first training
    [InlineData(21)]    // while attacking
    [InlineData(30)]    // in the second training
    public void Killed_at_any_moment_it_resumes_to_the_same_weights(int death)
    {
        using var all = new Blobs();
        using var expected = Nets.Classifier(1);
        Training.Run(expected, all);
        all.Batches.Should().BeGreaterThan(death);
        using var folder = new Folder();
        using (var data = new Blobs { Before = batch => { if (batch == death) throw new TimeoutException("killed"); } })
        using (var network = Nets.Classifier(1))
        {
            var run = () => Training.Run(network, data, folder.Path);
            run.Should().Throw<TimeoutException>();
        }
        using var resumed = Nets.Classifier(60);
        Training.Run(resumed, all, folder.Path);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected), "the initial weights are those of the folder");
    }

    [Fact]
    public void A_cancelled_run_resumes_and_its_files_belong_to_its_settings()
    {
        using var data = new Blobs();
        using var expected = Nets.Classifier(1);
        Training.Run(expected, data);
        using var folder = new Folder();
        using var source = new CancellationTokenSource();
        using var network = Nets.Classifier(1);
        var heard = new ProgressLog<AugmentationProgress>(report => { if (report.Attack?.Step == 28) source.Cancel(); });
        var run = () => Training.Run(network, data, folder.Path, progress: heard, cancellation: source.Token);
        run.Should().Throw<OperationCanceledException>();
        heard.All.Where(report => report.Attack is not null).Select(report => report.Attack!.Value.Step).Should().Equal(8, 16, 20, 28);
        heard.All.Clear();
        Training.Run(network, data, folder.Path, progress: heard);
        heard.All.Where(report => report.Attack is not null).Should().HaveCount(6);
        heard.All[^1].Stage.Should().Be(AugmentationStage.Second);
        Nets.Weights(network).Should().Equal(Nets.Weights(expected));
        var other = () => new CwAugmentedTraining(s_bounds, Training.Options) { Attack = Training.Attack }.Run(network, data, folder.Path);
        other.Should().Throw<InvalidOperationException>().WithMessage("*other settings*Augmentation*");
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var data = new Blobs();
        Leaks.None(() =>
        {
            using var network = Nets.Classifier(1);
            Training.Run(network, data);
        });
    }

    // Records which examples were requested.
    private sealed class Recording(ITrainingData data) : ITrainingData
    {
        internal List<long[]> Requested { get; } = [];

        public long Count => data.Count;

        public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices)
        {
            Requested.Add(indices.ToArray());
            return data.Batch(indices);
        }
    }

    // Cross-entropy that remembers images, weights and seed of each step.
    private sealed class Watching : TrainingObjective
    {
        internal sealed record Step(double[] Images, float[] Weights, ulong Seed);

        internal List<Step> Steps { get; } = [];

        protected internal override (Tensor Loss, Tensor Logits) Compute(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
        {
            Steps.Add(new Step(Numbers.Of(images), Nets.Weights(network), random.Seed));
            return new CrossEntropyObjective().Compute(network, images, labels, random);
        }

        public override string ToString() => "watches";
    }

    private sealed class Counting : ValidationScore
    {
        internal int Count { get; private set; }

        protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation)
        {
            data.Count.Should().Be(30);
            return ++Count;
        }

        public override string ToString() => "counts";
    }
}
