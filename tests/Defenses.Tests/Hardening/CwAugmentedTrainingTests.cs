using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
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
        Epochs = 2, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) }, Seed = 7, ReportEvery = 1, CheckpointInterval = TimeSpan.MaxValue,
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
        var training = new CwAugmentedTraining(Bounds.Unit) { Attack = new CarliniWagner { Steps = 60, SearchSteps = 4, InitialConstant = 1 }, Confidences = [0], PerConfidence = 40, LargestSize = 1.5, Most = 10 };
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

    [Theory]
    [InlineData(7)]     // in the first training
    [InlineData(21)]    // while attacking
    [InlineData(30)]    // in the second training
    public void Killed_at_any_moment_it_goes_on_to_the_same_weights(int death)
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
    public void A_cancelled_run_goes_on_and_what_it_keeps_belongs_to_its_settings()
    {
        using var data = new Blobs();
        using var expected = Nets.Classifier(1);
        Training.Run(expected, data);
        using var folder = new Folder();
        using var source = new CancellationTokenSource();
        using var network = Nets.Classifier(1);
        var heard = new Heard<AugmentationProgress>(told => { if (told.Attack?.Step == 28) source.Cancel(); });
        var run = () => Training.Run(network, data, folder.Path, progress: heard, cancellation: source.Token);
        run.Should().Throw<OperationCanceledException>();
        heard.All.Where(told => told.Attack is not null).Select(told => told.Attack!.Value.Step).Should().Equal(8, 16, 20, 28);
        heard.All.Clear();
        Training.Run(network, data, folder.Path, progress: heard);
        heard.All.Where(told => told.Attack is not null).Should().HaveCount(6);
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
}
