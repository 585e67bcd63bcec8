using Defenses.Layers;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation;
using MathNet.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Metrics;

public sealed class PredictionStabilityTests : MetricContract
{
    [Fact]
    public void Noise_of_no_size_changes_nothing()
    {
        using var network = new Threshold();
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.2, 0.45, 0.6);
        var stability = PredictionStability.UnderNoise(network.Classifier(), x, 0, labels, repeats: 3);
        stability.Unchanged.Rate.Should().Be(1);
        stability.Accuracy!.Rate.Should().Be(1);
    }

    // Sixteen elements, their mean 0.05 above the threshold: noise of length 0.5 in direction u moves the mean by u·e/8, e the diagonal.
    // The share of the sphere S¹⁵ with u·e < −0.4 is ½·I(1 − 0.16; 15/2, 1/2).
    [Fact]
    public void Noise_flips_as_much_of_the_sphere_as_lies_behind_the_boundary()
    {
        const int Repeats = 1000;
        using var network = new Threshold();
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.55);
        var flips = 0.5 * SpecialFunctions.BetaRegularized(7.5, 0.5, 1 - 0.16);
        var stability = PredictionStability.UnderNoise(network.Classifier(), x, 0.5, labels, Repeats, seed: 2);
        var error = Math.Sqrt(flips * (1 - flips) / Repeats);
        stability.Unchanged.Rate.Should().BeApproximately(1 - flips, 4 * error);
        stability.Accuracy.Should().Be(stability.Unchanged, "the prediction was right before");
        (stability.Unchanged.Trials, stability.Repeats).Should().Be((1, Repeats));
    }

    [Fact]
    public void The_noise_is_clipped_to_the_bounds()
    {
        using var network = new Outside();
        using var scope = NewDisposeScope();
        PredictionStability.UnderNoise(new Classifier(network, Bounds.Unit), full(4, 6, 0.5f), 100, seed: 2).Unchanged.Rate.Should().Be(1);
    }

    // Right with probability 0.8: two answers agree in 0.8² + 0.2² of cases. The share of an image is 0.8 or 0.2 by its first answer.
    [Fact]
    public void A_model_that_changes_its_mind_by_itself_is_unstable_without_noise()
    {
        const int Images = 500, Repeats = 20;
        using var coin = new CoinFlip(0.8);
        using var scope = NewDisposeScope();
        var stability = PredictionStability.UnderNoise(new Classifier(coin, Bounds.Unit), full(Images, 3, 0.5f), 0, zeros(Images, dtype: ScalarType.Int64),
            Repeats, seed: 1);
        var error = Math.Sqrt((0.36 * 0.16 + 0.16 / Repeats) / Images);
        stability.Unchanged.Rate.Should().BeApproximately(0.68, 4 * error);
        stability.Accuracy!.Rate.Should().BeApproximately(0.8, 4 * Math.Sqrt(0.16 / Repeats / Images));
    }

    [Fact]
    public void Compression_is_that_of_the_layer_whatever_the_bounds()
    {
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(3);
        var x = random.Uniform(zeros(64, 1, 8, 8));
        var linear = new LinearModel(64, 4);
        using var jpeg = new JpegCompression(10);
        var expected = linear.Classifier().Logits(jpeg.call(x)).argmax(1).eq(linear.Classifier().Logits(x).argmax(1)).sum().ToInt64();
        PredictionStability.UnderJpeg(linear.Classifier(), x, 10).Unchanged.Successes.Should().Be(expected).And.BeInRange(1, 63);
        var shifted = new Classifier(linear, new Bounds(-1, 1), input => (input + 1) / 2);
        PredictionStability.UnderJpeg(shifted, x * 2 - 1, 10).Unchanged.Successes.Should().Be(expected);
    }

    // Two images just below the threshold and two just above it: compression moves them by less than that, a shift of black or white by far more.
    [Fact]
    public void Black_and_white_are_the_bounds()
    {
        using var network = new Threshold();
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.2, 0.4, 0.6, 0.9);
        PredictionStability.UnderJpeg(network.Classifier(), x, 90, labels).Accuracy!.Rate.Should().Be(1);
        PredictionStability.UnderJpeg(new Classifier(network, new Bounds(-1, 3), input => (input + 1) / 4), x * 4 - 1, 90, labels).Accuracy!.Rate.Should()
            .Be(1);
    }

    // Class 0 for the unchanged image, class 1 in all later passes: no prediction stays the same.
    [Fact]
    public void Each_image_is_predicted_once_as_it_is()
    {
        using var scope = NewDisposeScope();
        using var network = new Turning(after: 2);   // the first pass counts the classes
        network.eval();
        PredictionStability.UnderNoise(new Classifier(network, Bounds.Unit), full(4, 6, 0.5f), 0.1, repeats: 5, seed: 2).Unchanged.Rate.Should().Be(0);
    }

    [Fact]
    public void The_streams_of_the_network_do_not_advance()
    {
        using var scope = NewDisposeScope();
        Tensor After(bool look)
        {
            var model = new Classifier(new Jitter(0.1), Bounds.Unit);
            var x = full(4, 3, 0.5f);
            if (look) PredictionStability.UnderNoise(model, x, 0.1);
            return model.Logits(x);
        }
        After(true).equal(After(false)).all().ToBoolean().Should().BeTrue();
    }

    protected override IReadOnlyList<double> Compute()
    {
        using var scope = NewDisposeScope();
        using var coin = new CoinFlip(0.8);
        var model = new Classifier(coin, Bounds.Unit);
        var noise = PredictionStability.UnderNoise(model, full(10, 3, 0.5f), 0.3, zeros(10, dtype: ScalarType.Int64), seed: 4);
        var jpeg = PredictionStability.UnderJpeg(model, full([10, 1, 8, 8], 0.5f), 50, repeats: 3, seed: 4);
        return [noise.Unchanged.Rate, noise.Accuracy!.Lower, jpeg.Unchanged.Upper];
    }

    protected override IEnumerable<Extreme> Extremes
    {
        get
        {
            using var scope = NewDisposeScope();
            using var network = new Threshold();
            var (x, labels) = Threshold.Data(0.2, 0.9);
            var right = PredictionStability.UnderNoise(network.Classifier(), x, 0.01, labels, repeats: 3, seed: 1);
            yield return Extreme.Of("no answer changes", right.Unchanged, 1);
            yield return Extreme.Of("every answer right", right.Accuracy!, 1);
            var wrong = PredictionStability.UnderNoise(network.Classifier(), x, 0.01, 1 - labels, repeats: 3, seed: 1);
            yield return Extreme.Of("no answer right", wrong.Accuracy!, 0);
            using var turning = new Turning(after: 2);   // the first pass counts the classes
            turning.eval();
            yield return Extreme.Of("every answer changes", PredictionStability.UnderNoise(new Classifier(turning, Bounds.Unit), x, 0.01, repeats: 3, seed: 1)
                .Unchanged, 0);
        }
    }

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            using var scope = NewDisposeScope();
            using var network = new Threshold();
            var model = network.Classifier();
            var (x, labels) = Threshold.Data(0.2, 0.6);
            yield return ("model", () => PredictionStability.UnderNoise(null!, x, 1));
            yield return ("x", () => PredictionStability.UnderNoise(model, x * 9, 1));
            yield return ("distance", () => PredictionStability.UnderNoise(model, x, -1));
            yield return ("labels", () => PredictionStability.UnderNoise(model, x, 1, labels + 5));
            yield return ("labels", () => PredictionStability.UnderNoise(model, x, 1, labels.narrow(0, 0, 1)));
            yield return ("repeats", () => PredictionStability.UnderNoise(model, x, 1, repeats: 0));
            yield return ("confidence", () => PredictionStability.UnderNoise(model, x, 1, confidence: 1));
            yield return ("model", () => PredictionStability.UnderJpeg(null!, x, 50));
            yield return ("quality", () => PredictionStability.UnderJpeg(model, x, 0));
            yield return ("quality", () => PredictionStability.UnderJpeg(model, x, 101));
            yield return ("x", () => PredictionStability.UnderJpeg(model, x.flatten(1), 50));
            yield return ("x", () => PredictionStability.UnderJpeg(model, cat([x, x], 1), 50));
            yield return ("repeats", () => PredictionStability.UnderJpeg(model, x, 50, repeats: 0));
        }
    }

    // Class 1 for images that leave [0, 1].
    private sealed class Outside : nn.Module<Tensor, Tensor>
    {
        internal Outside() : base(nameof(Outside)) => eval();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var second = (x.flatten(1) - 0.5).abs().amax([1], keepdim: true) - 0.501;
            return cat([second * 0, second], 1).MoveToOuterDisposeScope();
        }
    }

    // Class 0 in the first passes, class 1 in all later ones.
    private sealed class Turning(int after) : nn.Module<Tensor, Tensor>(nameof(Turning))
    {
        private int _passes;

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var sign = ++_passes <= after ? 1f : -1f;
            return cat([full(x.shape[0], 1, sign), full(x.shape[0], 1, -sign)], 1).MoveToOuterDisposeScope();
        }
    }
}
