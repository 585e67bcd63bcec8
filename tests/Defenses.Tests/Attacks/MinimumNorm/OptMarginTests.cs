using Defenses.Attacks;
using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class OptMarginTests : AttackContract<OptMargin>
{
    private static readonly Bounds Wide = new(-5, 6);

    protected override OptMargin Create() => new(0.01) { Steps = 60, SearchSteps = 3, LearningRate = 0.05, Directions = 4 };

    protected override OptMargin Scaled(OptMargin attack, Bounds bounds) => attack with { Magnitude = attack.Magnitude * bounds.Range };

    [Fact]
    public void Directions_are_orthogonal_of_the_magnitude_and_the_image_itself_comes_first()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(3);
        var offsets = new OptMargin(0.3).Offsets(zeros(2, 1, 28, 28), random);
        offsets.shape.Should().Equal(20, 1, 28, 28);
        var flat = offsets.flatten(1).to_type(ScalarType.Float64);
        var products = flat.matmul(flat.t()) / 784;
        var expected = eye(20, dtype: ScalarType.Float64) * 0.09;
        expected[0, 0] = 0;
        (products - expected).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void An_image_of_few_elements_has_as_many_directions()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(3);
        new OptMargin(0.3).Offsets(zeros(2, 5), random).shape.Should().Equal(6, 5);
    }

    // Two classes: the margin is linear, and falls most at one of the directions. The point must lie so far behind the
    // boundary that this one is behind it, too.
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Comes_within_a_twentieth_of_the_exact_distance(double confidence)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        var attack = new OptMargin(0.1) { Steps = 300, SearchSteps = 8, LearningRate = 0.02, Directions = 6, Confidence = confidence, Seed = 7,
            AbortEarly = false };
        using var result = attack.Run(network.Classifier(Wide), x, labels);
        using var random = new RandomSource(Seeds.Combine(7, nameof(Attack)));
        using var noGrad = no_grad();
        var goal = Goal.Avoid(labels);
        var slope = (network.Weight[0] - network.Weight[1]).detach();
        var drops = attack.Offsets(x, random).matmul(slope);   // (P,): what the first class gains at each direction
        var sign = 1 - 2 * labels.to_type(ScalarType.Float32);   // the label's gain
        var worst = (sign.unsqueeze(1) * drops.unsqueeze(0)).amax([1]);
        var exact = (worst + confidence - goal.Margin(network.call(x))) / slope.norm();
        result.Met.all().ToBoolean().Should().BeTrue();
        var ratio = result.Size / exact;
        ratio.max().ToDouble().Should().BeLessThanOrEqualTo(1.05);
        ratio.min().ToDouble().Should().BeGreaterThan(1 - 1e-4, "nearer, one of the directions would be on the other side");
    }

    [Fact]
    public void Fools_the_vote_of_the_region_which_the_smallest_change_does_not()
    {
        using var scope = NewDisposeScope();
        var network = new LinearModel();
        var (x, labels) = network.Data();
        using var region = new RegionNetwork(network, radius: 0.2, Wide, points: 400);
        region.eval();
        region.Reseed(5);
        var model = network.Classifier(Wide);
        using var deep = new OptMargin(0.2 / Math.Sqrt(3)) { Steps = 200, SearchSteps = 5, LearningRate = 0.05, Seed = 1 }.Run(model, x, labels);
        using var near = new CarliniWagner { Steps = 200, SearchSteps = 5, InitialConstant = 1, LearningRate = 0.05 }.Run(model, x, labels);
        (deep.Met.all().ToBoolean(), near.Met.all().ToBoolean()).Should().Be((true, true));
        Votes(deep.Adversarial).Should().BeLessThan(0.2, "behind the boundary in every direction the region lies behind it, too");
        Votes(near.Adversarial).Should().BeInRange(0.3, 0.7, "at the boundary half of the region is on either side");

        double Votes(Tensor images) => region.Vote(images).Counts.gather(1, labels.unsqueeze(1)).to_type(ScalarType.Float32).mean().ToDouble() / 400;
    }

    [Fact]
    public void A_batch_larger_than_a_pass_finds_what_each_image_finds_alone()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data(300);
        var attack = new OptMargin(0.05) { Steps = 20, SearchSteps = 2, LearningRate = 0.05, Seed = 4, AbortEarly = false };
        using var together = attack.Run(network.Classifier(), x, labels);
        using var alone = attack.Run(network.Classifier(), x.narrow(0, 290, 2), labels.narrow(0, 290, 2));
        (together.Adversarial.narrow(0, 290, 2) - alone.Adversarial).abs().max().ToDouble().Should().BeLessThan(1e-4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_magnitude_that_is_none_is_refused(double magnitude) =>
        FluentActions.Invoking(() => new OptMargin(magnitude)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Magnitude*");

    [Fact]
    public void Other_norms_are_refused() =>
        FluentActions.Invoking(() => new OptMargin(0.1) { Norm = Norm.Linf }).Should().Throw<ArgumentException>().WithMessage("*Norm*L2*");
}
