using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

public sealed class GaussianAugmentationTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 3, BatchSize = 16, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) }, Seed = 7, CheckpointInterval = TimeSpan.MaxValue,
    };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, 0.05)]
    public void Without_noise_it_is_exactly_the_other_objective(double std, double share)
    {
        var objective = new GaussianAugmentation(std) { Share = share };   // 0.05 of 16 examples is none
        Train(objective).Should().Equal(Train(new CrossEntropyObjective()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.25)]
    [InlineData(0.29)]   // though 0.29·100 is a little below 29
    public void The_noise_is_normal_and_falls_on_the_stated_share(double share)
    {
        using var rows = arange(100, dtype: ScalarType.Float32).view(100, 1);
        using var images = rows.expand(100, 200).clone();
        using var labels = zeros(100, dtype: ScalarType.Int64);
        var seen = new Seen();
        using var random = new RandomSource(3);
        new GaussianAugmentation(0.3, seen) { Share = share }.Compute(nn.ReLU(), images, labels, random);
        var noisy = (int)Math.Round(100 * share) * 200;
        var noise = seen.Images.Select((value, place) => value - place / 200).ToArray();
        var (part, rest) = (noise[..noisy], noise[noisy..]);
        (part.Count(value => value == 0), rest.Count(value => value != 0)).Should().Be((0, 0));
        part.Average().Should().BeApproximately(0, 4 * 0.3 / Math.Sqrt(noisy));
        part.Average(value => value * value).Should().BeApproximately(0.09, 4 * 0.09 * Math.Sqrt(2.0 / noisy));
        part.Average(value => Math.Abs(value) < 0.3 ? 1.0 : 0).Should()
            .BeApproximately(0.6827, 4 * Math.Sqrt(0.6827 * 0.3173 / noisy), "so much of a normal lies within one deviation");
    }

    [Fact]
    public void The_noise_is_none_of_what_the_other_objective_draws()
    {
        using var scope = NewDisposeScope();
        var images = zeros(5, 4);
        var seen = new Seen();
        using var random = new RandomSource(3);
        new GaussianAugmentation(1, seen).Compute(nn.ReLU(), images, zeros(5, dtype: ScalarType.Int64), random);
        using var fresh = new RandomSource(3);
        Numbers.Of(fresh.Normal(images)).Should().NotIntersectWith(seen.Images);
    }

    [Fact]
    public void The_noise_is_fresh_in_every_step_and_a_resumed_run_ends_the_same()
    {
        var objective = new GaussianAugmentation(0.3);
        var expected = Train(objective);
        expected.Should().NotEqual(Train(new CrossEntropyObjective()));
        using var folder = new Folder();
        using (var data = new Blobs { Before = batch => { if (batch == 14) throw new TimeoutException("killed"); } })
        using (var network = Nets.Classifier(1))
        {
            var run = () => new Trainer(s_options, objective).Run(network, data, folder.At("run"));
            run.Should().Throw<TimeoutException>();
        }
        Train(objective, folder.At("run")).Should().Equal(expected);
        var other = () => Train(new GaussianAugmentation(0.4), folder.At("run"));
        other.Should().Throw<InvalidOperationException>().WithMessage("*noise 0.3*noise 0.4*");
    }

    [Fact]
    public void Noise_keeps_the_weights_of_a_linear_model_small()
    {
        using var data = new Blobs(spread: 0.05);   // separable: without noise the weights grow for ever
        double Size(TrainingObjective objective)
        {
            using var network = Nets.Linear(Blobs.Features, Blobs.Classes, 1);
            new Trainer(s_options with { Epochs = 60, Update = new SgdUpdate { Rate = LearningRate.Constant(0.5) } }, objective).Run(network, data);
            using var norm = network.weight.norm();
            return norm.ToDouble();
        }
        Size(new GaussianAugmentation(1)).Should().BeLessThan(Size(new CrossEntropyObjective()) / 3);
    }

    [Fact]
    public void Leaves_no_tensor_behind_and_refuses_what_is_no_strength()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        Leaks.None(() => new Trainer(s_options with { Epochs = 1 }, new GaussianAugmentation(0.3) { Share = 0.5 }).Run(network, data));
        var negative = () => new GaussianAugmentation(-0.1);
        negative.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("std");
        var more = () => new GaussianAugmentation(0.1) { Share = 1.1 };
        more.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Share*[0, 1]*");
    }

    private static float[] Train(TrainingObjective objective, string? path = null)
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        new Trainer(s_options, objective).Run(network, data, path);
        return Nets.Weights(network);
    }

    private sealed class Seen : TrainingObjective
    {
        internal double[] Images { get; private set; } = [];

        protected internal override (Tensor Loss, Tensor Logits) Compute(
            nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
        {
            Images = Numbers.Of(images);
            return (images, images);
        }

        public override string ToString() => "looks";
    }
}
