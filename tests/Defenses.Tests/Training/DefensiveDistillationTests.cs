using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

public sealed class DefensiveDistillationTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 3, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.5) }, Seed = 7, ReportEvery = 1,
        CheckpointInterval = TimeSpan.MaxValue,
    };

    [Fact]
    public void The_gradient_at_a_temperature_is_that_of_softened_logits()
    {
        using var scope = NewDisposeScope();
        var logits = Numbers.Normal([5, 4]).requires_grad_(true);
        var labels = tensor(new long[] { 0, 1, 2, 3, 0 });
        using var random = new Defenses.Randomness.RandomSource(1);
        new CrossEntropyObjective { Temperature = 20 }.Compute(nn.Identity(), logits, labels, random).Loss.backward();
        var expected = ((logits.detach() / 20).softmax(1) - nn.functional.one_hot(labels, 4)) / (20 * 5);
        (logits.grad! - expected).abs().max().ToDouble().Should().BeLessThan(1e-7);
    }

    [Fact]
    public void The_student_learns_the_labels_through_its_teacher_and_saturates_when_deployed()
    {
        using var data = new Blobs();
        using var fresh = new Blobs(seed: 4);
        using var plain = Nets.Classifier(1);
        new Trainer(s_options with { Epochs = 30 }).Run(plain, data);
        using var student = Nets.Classifier(1);
        var history = new DefensiveDistillation(s_options with { Epochs = 30 }) { Temperature = 10 }.Run(student, data, validation: fresh);
        history.Should().HaveCount(30);
        history[^1].ValidationAccuracy.Should().BeGreaterThan(0.9);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double Scale(nn.Module<Tensor, Tensor> network) => network.call(data.Points).std().ToDouble();
        Scale(student).Should().BeGreaterThan(2 * Scale(plain), "logits grow with the temperature of the training");
    }

    // Without steps the network stays as it is: the start's loss is its cross-entropy, the teacher's that of z / T, and the
    // student's the entropy of softmax(z / T).
    [Fact]
    public void The_start_is_trained_at_1_teacher_and_student_at_the_temperature_the_student_on_the_teachers_answers()
    {
        using var data = new Blobs();
        using var network = Nets.Linear(Blobs.Features, Blobs.Classes, 1);
        var still = s_options with { Epochs = 1, Update = new SgdUpdate { Rate = LearningRate.Constant(1e-30), Momentum = 0 } };
        var heard = new ProgressLog<DistillationProgress>();
        new DefensiveDistillation(still) { Temperature = 0.25 }.Run(network, data, progress: heard);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (logits, labels) = (network.call(data.Points), arange(120, dtype: ScalarType.Int64) % Blobs.Classes);
        var sharp = (logits / 0.25).log_softmax(1);
        double[] expected =
        [
            nn.functional.cross_entropy(logits, labels).ToDouble(), nn.functional.cross_entropy(logits / 0.25, labels).ToDouble(), -(sharp.exp() * sharp).sum(1)
                .mean().ToDouble(),
        ];
        heard.All.GroupBy(told => told.Stage).Select(stage => stage.Last().Training.Loss).Should()
            .Equal(expected, (actual, wanted) => Math.Abs(actual - wanted) < 1e-5);
    }

    [Fact]
    public void The_teacher_runs_in_evaluation_mode_without_randomness()
    {
        using var data = new Blobs();
        using var linear = Nets.Linear(Blobs.Features, Blobs.Classes, 1);
        using var teacher = nn.Sequential(("mask", new Mask()), ("noise", new Defenses.Layers.GaussianNoise(0.3)), ("linear", linear));
        teacher.train();
        using var softened = new SoftLabels(data, teacher, 2, default);
        teacher.training.Should().BeFalse();
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (images, labels) = softened.Batch([5, 117, 0]);
        var points = data.Points.index_select(0, tensor(new long[] { 5, 117, 0 }));
        Numbers.Of(images).Should().Equal(Numbers.Of(points));
        Numbers.Of(labels).Should().Equal(Numbers.Of((linear.call(points) / 2).softmax(1)), (actual, wanted) => Math.Abs(actual - wanted) < 1e-6);
    }

    [Fact]
    public void Student_and_teacher_start_from_the_same_weights_and_each_training_has_separate_batches()
    {
        using var data = new Blobs();
        List<(float[] Weights, double[] Images)> Steps(ulong seed)
        {
            var linear = Nets.Linear(Blobs.Features, Blobs.Classes, 1);
            var steps = new List<(float[], double[])>();
            using var network = nn.Sequential(("spy", new Spy(x => steps.Add((Nets.Weights(linear), Numbers.Of(x))))), ("linear", linear));
            new DefensiveDistillation(s_options with { Seed = seed }).Run(network, data);
            return steps;
        }
        var all = Steps(7);   // 8 steps an epoch: one epoch, three, and three
        all.Should().HaveCount(8 + 24 + 24);
        all[32].Weights.Should().Equal(all[8].Weights);
        all[8].Weights.Should().NotEqual(all[0].Weights);
        all[31].Weights.Should().NotEqual(all[32].Weights);
        var first = new[] { 0, 8, 32 }.Select(step => string.Join(' ', all[step].Images)).Append(string.Join(' ', Steps(8)[0].Images));
        first.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Teacher_and_student_are_measured_and_stop_early_the_start_does_neither()
    {
        using var data = new Blobs();
        using var validation = new Blobs(30, seed: 4);
        using var network = Nets.Classifier(1);
        new DefensiveDistillation(s_options).Run(network, data, validation: validation);
        validation.Batches.Should().Be(6);
        using var other = Nets.Classifier(1);
        var stopping = s_options with { Epochs = 20, EarlyStopping = new EarlyStopping { Patience = 1 } };
        var heard = new ProgressLog<DistillationProgress>();
        var history = new DefensiveDistillation(stopping) { StartEpochs = 4 }.Run(other, data, validation: validation, progress: heard);
        history.Count.Should().BeLessThan(20);
        heard.All.Where(told => told.Stage == DistillationStage.Start).Max(told => told.Training.Epoch).Should().Be(4);
    }

    [Fact]
    public void Teacher_and_student_start_from_the_weights_of_a_short_training()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        var heard = new ProgressLog<DistillationProgress>();
        var still = s_options with { Update = new SgdUpdate { Rate = LearningRate.Constant(1e-30), Momentum = 0 } };
        using var initial = Nets.Classifier(1);
        new DefensiveDistillation(still) { StartEpochs = 2 }.Run(network, data, progress: heard);
        Nets.Weights(network).Should()
            .Equal(Nets.Weights(initial), (after, before) => Math.Abs(after - before) < 1e-25, "without steps there is nothing to learn");
        heard.All.GroupBy(told => told.Stage).Select(stage => (stage.Key, stage.Last().Training.Steps)).Should().Equal(
            (DistillationStage.Start, 16), (DistillationStage.Teacher, 24), (DistillationStage.Student, 24));
    }

    [Theory]
    [InlineData(4)]     // while the start is made
    [InlineData(17)]    // the teacher
    [InlineData(43)]    // the student
    public void Killed_at_any_step_it_goes_on_to_the_same_weights(int death)
    {
        using var all = new Blobs();
        using var expected = Nets.Classifier(1);
        new DefensiveDistillation(s_options).Run(expected, all);
        all.Batches.Should().BeGreaterThan(death);
        using var folder = new Folder();
        using (var data = new Blobs { Before = batch => { if (batch == death) throw new TimeoutException("killed"); } })
        using (var network = Nets.Classifier(1))
        {
            var run = () => new DefensiveDistillation(s_options).Run(network, data, folder.Path);
            run.Should().Throw<TimeoutException>();
        }
        using var resumed = Nets.Classifier(90);
        new DefensiveDistillation(s_options).Run(resumed, all, folder.Path);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected));
        var other = () => new DefensiveDistillation(s_options) { Temperature = 5 }.Run(resumed, all, folder.Path);
        other.Should().Throw<InvalidOperationException>().WithMessage("*temperature 100*temperature 5*");
    }

    [Fact]
    public void A_cancelled_distillation_goes_on_to_the_same_weights_and_leaves_no_tensor_behind()
    {
        using var data = new Blobs();
        using var expected = Nets.Classifier(1);
        Leaks.None(() =>
        {
            using var network = Nets.Classifier(1);
            new DefensiveDistillation(s_options).Run(network, data);
        });
        new DefensiveDistillation(s_options).Run(expected, data);
        using var folder = new Folder();
        using var source = new CancellationTokenSource();
        using var resumed = Nets.Classifier(1);
        var cancel = new ProgressLog<DistillationProgress>(told => { if (told is { Stage: DistillationStage.Student, Training.Step: 11 }) source.Cancel(); });
        var run = () => new DefensiveDistillation(s_options).Run(resumed, data, folder.Path, progress: cancel, cancellation: source.Token);
        run.Should().Throw<OperationCanceledException>();
        new DefensiveDistillation(s_options).Run(resumed, data, folder.Path);
        Nets.Weights(resumed).Should().Equal(Nets.Weights(expected));
    }

    [Fact]
    public void Bad_input_is_refused_with_its_reason()
    {
        using var data = new Blobs();
        var distillation = new DefensiveDistillation(s_options);
        distillation.Invoking(d => d.Run(null!, data)).Should().Throw<ArgumentNullException>().WithParameterName("network");
        var cold = () => new DefensiveDistillation { Temperature = 0 };
        cold.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Temperature*above 0*");
    }

    // Reports each batch in training mode.
    private sealed class Spy(Action<Tensor> tell) : nn.Module<Tensor, Tensor>(nameof(Spy))
    {
        public override Tensor forward(Tensor x)
        {
            if (training) tell(x);
            return x.alias();
        }
    }
}
