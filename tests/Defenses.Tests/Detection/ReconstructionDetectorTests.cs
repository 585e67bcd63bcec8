using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class ReconstructionDetectorTests : DetectorContract
{
    protected override nn.Module<Tensor, Tensor> Network { get; } = Checkers.AutoEncoder();

    protected override Tensor Clean { get; } = Checkers.Pictures(80, 0, 1);

    protected override Tensor Attacked { get; } = Checkers.Pictures(30, 0.08, 2);

    protected override Detector Make(ulong? seed = 1) => new ReconstructionDetector(Network, Bounds.Unit) { Seed = seed };

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(2, 0.01)]
    [InlineData(3, 0.001)]
    public void The_score_is_the_mean_power_of_what_the_auto_encoder_takes_away(double power, double score)
    {
        var detector = new ReconstructionDetector(Network, Bounds.Unit, power);
        Numbers.Of(detector.Score(Checkers.Pictures(3, 0.1, 3, noise: 0))).Should().OnlyContain(value => Math.Abs(value - score) < 1e-6);
    }

    [Fact]
    public void Training_learns_to_give_clean_images_back()
    {
        using var network = nn.Conv2d(1, 1, 3, padding: 1);
        using (no_grad())
        {
            network.weight.fill_(0);
            network.bias!.fill_(0);
        }
        var images = Checkers.Pictures(64, 0, 5);
        using var labels = zeros(64, dtype: ScalarType.Int64);
        var options = new TrainingOptions { Epochs = 40, BatchSize = 16, Update = new AdamUpdate { Rate = LearningRate.Constant(0.02) }, Seed = 3 };
        var epochs = new Trainer(options, new ReconstructionObjective(Bounds.Unit, 0.05)).Run(network, new TensorData(images, labels));
        var spread = images.var().ToDouble();
        epochs[^1].Loss.Should()
            .BeLessThan(epochs[0].Loss).And.BeLessThan(0.7 * spread, "better than one grey for all").And.BeGreaterThan(1e-5,
            "noise cannot be taken away whole");
        epochs.Should().OnlyContain(epoch => epoch.Accuracy == 0, "nothing is recognised");
    }

    // A network that gives back what it sees leaves the noise: v² in the middle, and half of it at the edge, where clipping takes one side away.
    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0, 0.5)]
    public void The_loss_of_the_identity_is_the_noise_within_the_bounds(double value, double share)
    {
        const int Elements = 40_000;
        const double Noise = 0.1;
        using var scope = NewDisposeScope();
        using var same = nn.Identity();
        using var random = new Defenses.Randomness.RandomSource(1);
        var (loss, _) = new ReconstructionObjective(Bounds.Unit, Noise)
            .Compute(same, full([100, 1, 20, 20], value), zeros(100, dtype: ScalarType.Int64), random);
        var deviation = Noise * Noise * Math.Sqrt((3 * share - share * share) / Elements);   // of squares: E n⁴ = 3
        loss.ToDouble().Should().BeApproximately(share * Noise * Noise, 4 * deviation);
    }

    [Fact]
    public void A_training_that_is_stopped_goes_on_to_the_same_weights()
    {
        using var folder = new Folder();
        var images = Checkers.Pictures(32, 0, 5);
        using var labels = zeros(32, dtype: ScalarType.Int64);
        var options = new TrainingOptions { Epochs = 2, BatchSize = 8, Update = new AdamUpdate(), Seed = 3, ReportEvery = 1 };
        double[] Train(string? checkpoint, int stopAt)
        {
            using var stop = new CancellationTokenSource();
            using var network = AutoEncoders.MagNetShallow(1);
            var run = () => new Trainer(options, new ReconstructionObjective(Bounds.Unit)).Run(
                network, new TensorData(images, labels), checkpoint, progress: new ProgressLog<TrainingProgress>(p => { if (p.Step == stopAt) stop.Cancel(); }),
                    cancellation: stop.Token);
            if (stopAt > 0) run.Should().Throw<OperationCanceledException>();
            else run();
            return [.. network.parameters().SelectMany(Numbers.Of)];
        }
        var whole = Train(null, 0);
        Train(folder.At("run"), 5);
        Train(folder.At("run"), 0).Should().Equal(whole);
    }

    // An auto-encoder that gives 2x − ½.
    [Fact]
    public void A_reformed_image_is_clipped_to_the_bounds()
    {
        var twice = nn.Conv2d(1, 1, 1);
        using (no_grad())
        {
            twice.weight.fill_(2);
            twice.bias!.fill_(-0.5);
        }
        twice.eval();
        using var reformer = new Reformer(twice, Bounds.Unit);
        Numbers.Of(reformer.call(tensor(new[] { 0.1f, 0.5f, 0.9f, 0.3f }).view(1, 1, 2, 2))).Zip([0, 0.5, 1, 0.1], (a, b) => Math.Abs(a - b)).Max().Should()
            .BeLessThan(1e-6);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        FluentActions.Invoking(() => new ReconstructionDetector(null!, Bounds.Unit)).Should().Throw<ArgumentNullException>().WithParameterName("autoEncoder");
        FluentActions.Invoking(() => new ReconstructionDetector(Network, Bounds.Unit, 0.5)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("power");
        FluentActions.Invoking(() => new ReconstructionDetector(Network, new Bounds(1, 0))).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("bounds");
        FluentActions.Invoking(() => new ReconstructionObjective(Bounds.Unit, -1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("noise");
        FluentActions.Invoking(() => Make().Score(full(2, 1, 5, 5, 0.5))).Should().Throw<InvalidOperationException>().WithMessage("*even height and width*");
        Network.train();
        FluentActions.Invoking(() => Make().Score(Clean)).Should().Throw<InvalidOperationException>().WithMessage("*training mode*");
    }
}
