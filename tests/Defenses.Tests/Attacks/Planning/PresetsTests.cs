using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>The papers' settings: their numbers, and what they do on a linear model, worked out by hand.</summary>
public sealed class PresetsTests
{
    private const double Epsilon = 8 / 255d;

    [Fact]
    public void The_published_hrs_attacks_have_the_papers_numbers()
    {
        Presets.HrsPaperFgsm(Epsilon).Should().Be(new Fgsm(Epsilon));
        Presets.HrsPaperPgd(Epsilon).Should()
            .Be(new AdamPgd(Epsilon) { Steps = 100, LearningRate = 0.1, Signs = true, CornerStart = true, Restarts = 1, Loss = Loss.CrossEntropy });
        Presets.HrsPaperCwPgd(Epsilon).Should()
            .Be(new AdamPgd(Epsilon) { Steps = 100, LearningRate = 0.1, Signs = false, CornerStart = true, Restarts = 1, Loss = Loss.Margin });
        Presets.HrsPaperCarliniWagner(3).Should().Be(new CarliniWagner { Norm = Norm.L2, Confidence = 3, Steps = 100, LearningRate = 0.1, SearchSteps = 10 });
    }

    [Fact]
    public void The_repaired_hrs_attacks_step_a_tenth_of_the_budget_from_a_random_point()
    {
        Presets.HrsRepairedPgd(Epsilon).Should().Be(new Pgd(Epsilon) { Steps = 100, StepSize = Epsilon / 10, RandomStart = true, Restarts = 1 });
        Presets.HrsRepairedCwPgd(Epsilon).Should().Be(new CwPgd(Epsilon) { Steps = 100, StepSize = Epsilon / 10, RandomStart = true, Restarts = 1 });
    }

    [Theory]
    [InlineData(PaperData.Mnist, 0.3, 0.01)]
    [InlineData(PaperData.Cifar10, 0.05, 0.005)]
    [InlineData(PaperData.Svhn, 0.13, 0.01)]
    public void Feinmans_attacks_have_the_papers_numbers(PaperData data, double epsilon, double step)
    {
        Presets.FeinmanFgsm(data).Should().Be(new Fgsm(epsilon));
        Presets.FeinmanBim(data).Should().Be(new Bim(epsilon) { StepSize = step, Steps = 50, Variant = BimVariant.First });
        Presets.FeinmanBim(data, BimVariant.Last).Variant.Should().Be(BimVariant.Last);
        Presets.FeinmanJsma().Should().Be(new Jsma { Theta = 1, Gamma = 0.1, BothWays = false });
    }

    [Fact]
    public void Random_spikings_attack_has_the_papers_numbers()
    {
        Presets.RandomSpikingCarliniWagner(20).Should().Be(
            new CarliniWagner { Confidence = 20, SearchSteps = 9, Steps = 1000, InitialConstant = 1e-3, LearningRate = 0.01, AbortEarly = true,
                Unanimous = true });
        Presets.RandomSpikingConfidences(PaperData.Mnist).Should().Equal(0, 5, 10, 15);
        Presets.RandomSpikingConfidences(PaperData.FashionMnist).Should().Equal(0, 20, 40, 60);
        Presets.RandomSpikingConfidences(PaperData.Cifar10).Should().Equal(0, 20, 40, 60, 80, 100);
        Presets.RandomSpikingConfidences(PaperData.FashionMnist, joint: true).Should().Equal(0, 10, 20, 30);
        Presets.RandomSpikingConfidences(PaperData.Cifar10, joint: true).Should().Equal(0, 20, 40, 60);
    }

    [Theory]
    [InlineData(PaperData.Mnist, 40, 0.003081, 31)]
    [InlineData(PaperData.Cifar10, 7, 0.00201, 3.6)]
    public void Jumprelus_attacks_have_the_papers_numbers(PaperData data, int steps, double step, double reach)
    {
        var pgd = Presets.JumpReLUPaperPgd(data);
        (pgd.Steps, pgd.Variant).Should().Be((steps, BimVariant.First));
        pgd.StepSize.Should().BeApproximately(step, 1e-9);
        (pgd.Epsilon * 255).Should().BeApproximately(reach, 0.5, "without a ball so many steps reach as far");
        Presets.JumpReLUPaperDeepFool(data).Should().Be(new DeepFool { Steps = steps, Overshoot = 0.02 });
        var region = Presets.JumpReLUPaperTrustRegion(data);
        (region.Steps, region.Adaptive, region.Norm).Should().Be((1000, false, Norm.L2));
        region.Radius.Should().BeApproximately(step, 1e-9);
    }

    [Fact]
    public void Data_that_a_paper_does_not_have_is_refused()
    {
        ((Action)(() => Presets.FeinmanFgsm(PaperData.FashionMnist))).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*data*FashionMnist*");
        ((Action)(() => Presets.JumpReLUPaperPgd(PaperData.Svhn))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => Presets.RandomSpikingConfidences(PaperData.Mnist, joint: true))).Should().Throw<ArgumentOutOfRangeException>();
    }

    // A linear model has one gradient everywhere: Adam's running mean of its sign is that sign, and each step is 0.1 of it.
    [Fact]
    public void The_published_pgd_jumps_from_the_corner_by_a_tenth_of_the_pixel_range()
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data(4);
        using var images = x;
        using var classes = labels;
        using var scope = NewDisposeScope();
        var targets = 1 - labels;
        var weights = network.Weight.detach();
        var sign = ((weights.index_select(0, targets) - weights.index_select(0, labels)).sign());
        foreach (var (epsilon, steps) in new[] { (0.2, 1), (0.2, 3), (0.2, 4), (0.03, 1) })
        {
            var expected = x - epsilon;
            for (var step = 0; step < steps; step++) expected = minimum(maximum(expected + sign * 0.1, x - epsilon), x + epsilon).clamp(0, 1);
            using var result = (Presets.HrsPaperPgd(epsilon) with { Steps = steps }).Run(network.Classifier(), x, Goal.Reach(targets));
            (result.Adversarial - expected).abs().max().ToDouble().Should().BeLessThan(1e-5, "{0} steps within {1}", steps, epsilon);
            using var raw = (Presets.HrsPaperCwPgd(epsilon) with { Steps = steps }).Run(network.Classifier(), x, Goal.Reach(targets));
            (raw.Adversarial - expected).abs().max().ToDouble().Should().BeLessThan(1e-4, "a constant gradient is as good as its sign to Adam");
        }

        // With the paper's budget a single step crosses the whole ball: every element lies on a face.
        using var crossed = Presets.HrsPaperPgd(Epsilon).Run(network.Classifier(), x, Goal.Reach(targets));
        ((crossed.Adversarial - x).abs() - Epsilon).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void The_published_start_stays_within_the_pixel_range()
    {
        using var network = new Flat();
        using var x = full([1, 3], 0.1);
        using var labels = zeros([1], dtype: ScalarType.Int64);
        using var result = Presets.HrsPaperPgd(0.3).Run(new Classifier(network, Bounds.Unit), x, labels);
        Numbers.Of(result.Adversarial).Should().OnlyContain(value => value == 0, "x − min(x, ε), and nothing moves it from there");
    }

    [Fact]
    public void The_jumprelu_papers_pgd_stops_as_soon_as_the_label_is_lost()
    {
        using var network = new LinearModel(classes: 2, scale: 0.02);
        var (x, labels) = network.Data(8);
        using var images = x;
        using var classes = labels;
        using var scope = NewDisposeScope();
        var preset = Presets.JumpReLUPaperPgd(PaperData.Mnist);
        var weights = network.Weight.detach();
        var slope = (weights.select(0, 1) - weights.select(0, 0)).abs().sum().ToDouble();
        var needed = Numbers.Of(-Goal.Avoid(labels).Margin(network.call(x)) / slope / preset.StepSize!.Value);
        using var result = preset.Run(network.Classifier(), x, labels);
        var taken = Numbers.Of(result.Size / preset.StepSize.Value);
        for (var i = 0; i < 8; i++) taken[i].Should().BeApproximately(Math.Min(Math.Ceiling(needed[i]), 40), 0.01);
    }

    [Fact]
    public void The_repaired_attack_reaches_what_the_published_one_misses()
    {
        // The loss of a narrow valley: steps of a tenth jump over it, steps of a tenth of ε find it.
        using var network = new Valley();
        using var x = full([6, 2], 0.5);
        using var labels = zeros([6], dtype: ScalarType.Int64);
        var model = new Classifier(network, Bounds.Unit);
        using var published = Presets.HrsPaperPgd(0.03).Run(model, x, labels);
        using var repaired = (Presets.HrsRepairedPgd(0.03) with { Seed = 1 }).Run(model, x, labels);
        using var scope = NewDisposeScope();
        published.Met.any().ToBoolean().Should().BeFalse();
        repaired.Met.all().ToBoolean().Should().BeTrue();
    }

    private sealed class Flat : nn.Module<Tensor, Tensor>
    {
        internal Flat() : base(nameof(Flat)) => eval();

        public override Tensor forward(Tensor x) => (x.sum(1, keepdim: true) * 0).expand(x.shape[0], 2) + tensor([3f, 0f]);
    }

    /// <summary>Wrong only where both elements lie within 0.01 of 0.505; the margin falls off with the distance from there.</summary>
    private sealed class Valley : nn.Module<Tensor, Tensor>
    {
        internal Valley() : base(nameof(Valley)) => eval();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var distance = (x - 0.505).abs().amax([1], keepdim: true);
            return cat([distance * 100, ones_like(distance)], 1).MoveToOuterDisposeScope();
        }
    }
}
