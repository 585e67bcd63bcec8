using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class ReprogrammingTests
{
    private static readonly Reprogramming Short =
        new() { Training = new TrainingOptions { Epochs = 6, BatchSize = 20, Update = new SgdUpdate { Rate = LearningRate.Constant(0.1) } } };

    [Theory]
    [InlineData("local")]
    [InlineData("additive")]
    public void A_frozen_random_model_learns_another_task_and_stays_as_it_was(string kind)
    {
        using var network = Frozen(out var noise);
        var model = new Classifier(network, Bounds.Unit);
        using var program = New(kind);
        var (images, labels) = Task(200);
        using var _1 = images;
        using var _2 = labels;
        noise.Reseed(9);
        using var before = Signature(network, noise);
        noise.Reseed(9);
        var data = new TensorData(images, labels);
        var result = Short.Run(model, program, data, data);
        using var after = Signature(network, noise);
        after.equal(before).all().ToBoolean().Should().BeTrue("weights and the layer's next draws are those of an untouched model");
        network.parameters().Should().OnlyContain(parameter => parameter.requires_grad && HasNone(parameter.grad));
        network.training.Should().BeFalse();
        result.Epochs.Should().HaveCount(6);
        // A frame shifts the logits of a linear model for all images alike: it learns what it can, which is not the task.
        if (kind == "local") result.Accuracy.Rate.Should().BeGreaterThan(0.9);
        if (kind == "local") result.Epochs[^1].ValidationAccuracy.Should().BeGreaterThan(0.9);
        result.Epochs[^1].Loss.Should().BeLessThan(result.Epochs[0].Loss);
        result.Queries.Backward.Should().Be(6 * 200);
    }

    [Fact]
    public void The_accuracy_is_the_share_of_test_images_that_get_their_class_with_its_interval()
    {
        using var scope = NewDisposeScope();
        var network = Frozen(out _);
        network.children().OfType<GaussianNoise>().Single().ActiveIn = Defenses.Randomness.Phases.None;
        var program = New("local");
        var (images, labels) = Task(150);
        var data = new TensorData(images, labels);
        var result = (Short with { Training = Short.Training with { Epochs = 1 } }).Run(new Classifier(network, Bounds.Unit), program, data, data);
        using var noGrad = no_grad();
        var right = network.call(program.call(images)).argmax(1).eq(labels).sum().ToInt64();
        result.Accuracy.Should().Be(new Defenses.Statistics.Proportion(right, 150));
        result.Epochs[0].ValidationAccuracy.Should().Be(result.Accuracy.Rate);
    }

    [Fact]
    public void A_run_that_was_stopped_resumes_to_the_same_program()
    {
        using var network = Frozen(out _);
        using var folder = new Folder();
        var (images, labels) = Task(100);
        using var _1 = images;
        using var _2 = labels;
        var data = new TensorData(images, labels);
        using var whole = New("local");
        var expected = Short.Run(new Classifier(network, Bounds.Unit), whole, data, data);
        using var resumed = New("local");
        using var source = new CancellationTokenSource();
        var stop = new StopAfter(source, steps: 7);
        var often = Short with { Training = Short.Training with { ReportEvery = 1 } };
        var path = Path.Combine(folder.Path, "program.checkpoint");
        ((Action)(() => often.Run(new Classifier(network, Bounds.Unit), resumed, data, data, path, stop, source.Token))).Should()
            .Throw<OperationCanceledException>();
        using var again = New("local", seed: 99);   // the checkpoint holds the weights
        var result = often.Run(new Classifier(network, Bounds.Unit), again, data, data, path);
        result.Epochs.Should().Equal(expected.Epochs);
        result.Accuracy.Should().Be(expected.Accuracy);
        foreach (var (mine, theirs) in again.parameters().Zip(whole.parameters())) mine.equal(theirs).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void The_program_gets_the_gradient_of_the_loss_behind_the_model()
    {
        using var scope = NewDisposeScope();
        var network = new LinearModel(inputs: 36, classes: 3);
        var (images, labels) = Task(30);
        using var program = New("local");
        nn.functional.cross_entropy(network.call(program.call(images)), labels).backward();
        var expected = program.parameters().Select(parameter => parameter.grad!.clone()).ToArray();
        program.zero_grad();
        network.zero_grad();
        var model = network.Classifier();
        model.Logits(program.call(images)).Dispose();
        using var random = new Defenses.Randomness.RandomSource(1);
        new ReprogrammingObjective(model, program).Compute(program, images, labels, random).Loss.backward();
        foreach (var (parameter, gradient) in program.parameters().Zip(expected)) (parameter.grad! - gradient).abs().max().ToDouble().Should().BeLessThan(1e-6);
        network.parameters().Should().OnlyContain(parameter => HasNone(parameter.grad));
    }

    [Fact]
    public void A_penalty_keeps_the_frame_small()
    {
        using var scope = NewDisposeScope();
        var network = Frozen(out _);
        var (images, labels) = Task(60);
        var data = new TensorData(images, labels);
        var sizes = new[] { 0.0, 20.0 }.Select(penalty =>
        {
            var program = new AdditiveProgram([1, 4, 4], [1, 6, 6], Bounds.Unit, penalty, seed: 1);
            Short.Run(new Classifier(network, Bounds.Unit), program, data, data);
            return program.parameters().Single().square().mean().ToDouble();
        }).ToArray();
        sizes[1].Should().BeLessThan(sizes[0] / 2);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var scope = NewDisposeScope();
        var network = Frozen(out _);
        var (images, labels) = Task(20);
        var (good, high) = (new TensorData(images, labels), new TensorData(images, labels + 5));
        var model = new Classifier(network, Bounds.Unit);
        ((Action)(() => Short.Run(model, New("local"), high, good))).Should().Throw<ArgumentOutOfRangeException>().Where(error => error.ParamName == "labels");
        ((Action)(() => Short.Run(new Classifier(network, new Bounds(-1, 1)), New("local"), good, good))).Should().Throw<ArgumentException>()
            .WithMessage("*bounds*");
        ((Action)(() => Short.Run(null!, New("local"), good, good))).Should().Throw<ArgumentNullException>();
        network.train();
        ((Action)(() => Short.Run(model, New("local"), good, good))).Should().Throw<InvalidOperationException>().WithMessage("*eval()*");
    }

    private static bool HasNone(Tensor? gradient) => gradient is null || gradient.IsInvalid;

    private static InputProgram New(string kind, ulong seed = 1) => kind == "local"
        ? new LocalProgram([1, 4, 4], [1, 6, 6], Bounds.Unit, kernel: 3, seed: seed)
        : new AdditiveProgram([1, 4, 4], [1, 6, 6], Bounds.Unit, seed: seed);

    // A linear model of 6×6 images behind noise.
    private static TorchSharp.Modules.Sequential Frozen(out GaussianNoise noise)
    {
        noise = new GaussianNoise(0.02);
        var network = nn.Sequential(("noise", noise), ("linear", new LinearModel(inputs: 36, classes: 3)));
        network.eval();
        return network;
    }

    // Three classes of 4×4 images, each bright in another row.
    private static (Tensor Images, Tensor Labels) Task(int count)
    {
        using var scope = NewDisposeScope();
        var labels = arange(0, count, dtype: ScalarType.Int64).remainder(3);
        var images = Numbers.Uniform([count, 1, 4, 4], seed: 6) * 0.2;
        for (var kind = 0; kind < 3; kind++)
        {
            var rows = labels.eq(kind).nonzero().squeeze(1);
            images.index_copy_(0, rows, images.index_select(0, rows) + nn.functional.pad(full([1, 1, 1, 4], 0.8), [0, 0, kind, 3 - kind]));
        }

        return (images.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    private static Tensor Signature(nn.Module<Tensor, Tensor> network, GaussianNoise noise)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return cat([.. network.parameters().Select(parameter => parameter.flatten()), noise.call(ones(3, 4)).flatten()]).MoveToOuterDisposeScope();
    }

    private sealed class StopAfter(CancellationTokenSource source, long steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step >= steps) source.Cancel();
        }
    }
}
