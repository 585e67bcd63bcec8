using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class ConstraintTests
{
    [Fact]
    public void Parts_that_say_nothing_sensible_are_refused_with_their_names()
    {
        using var scope = NewDisposeScope();
        Refused(() => Constraint.Mask(null!), "mask");
        Refused(() => Constraint.Mask(zeros(0)), "mask");
        Refused(() => Constraint.Mask(full([3], 0.5)), "mask");
        Refused(() => Constraint.Mask(full([3], double.NaN)), "mask");
        Refused(() => Constraint.Between(0.5, 0.4), "lower");
        Refused(() => Constraint.Between(double.NaN, 0.4), "lower");
        Refused(() => Constraint.Between(0.1, double.PositiveInfinity), "upper");
        Refused(() => Constraint.Between(ones(3), zeros(3)), "lower");
        Refused(() => Constraint.Between(ones(3), ones(4)), "lower");
        Refused(() => Constraint.Between(ones(3, dtype: ScalarType.Int64), ones(3)), "lower");
        Refused(() => Constraint.Near(full([2], -0.1)), "radius");
        Refused(() => Constraint.Lattice(1), "levels");
        Refused(() => Constraint.Lattice(65537), "levels");
        Refused(() => Constraint.EightBit.And(null!), "other");
        Refused(() => Constraint.EightBit.And(Constraint.Lattice(16)), "other");
    }

    [Fact]
    public void The_message_names_the_image_that_breaks_the_constraint_and_the_cure()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var x = full([4, 12], 102 / 255f);
        var labels = zeros([4], dtype: ScalarType.Int64);
        x[2, 5] = tensor(0.875f);
        var outside = () => new Fgsm(0.1).Run(network.Classifier(), x, labels, constraint: Constraint.Between(0.2, 0.8));
        outside.Should().Throw<ArgumentException>().WithMessage("*image number 2*0.875*element 5*[0.2*, 0.8*]*clip*");
        var off = () => new Fgsm(0.1).Run(network.Classifier(), x, labels, constraint: Constraint.EightBit);
        off.Should().Throw<ArgumentException>().WithMessage("*256 levels*image number 2*element 5*Round*");
        var empty = () => new Fgsm(0.1).Run(network.Classifier(), x.narrow(0, 0, 1), labels.narrow(0, 0, 1),
            constraint: Constraint.Between(0.1, 0.4).And(Constraint.Between(0.5, 0.9)));
        empty.Should().Throw<ArgumentException>().WithMessage("*no value*");
    }

    [Fact]
    public void A_constraint_keeps_its_own_copy_of_the_tensors()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var mask = zeros(12);
        var constraint = Constraint.Mask(mask);
        mask.fill_(1);
        mask.Dispose();
        using var result = new Pgd(0.3) { Steps = 3 }.Run(network.Classifier(), x, labels, constraint: constraint);
        result.Adversarial.equal(x).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void A_radius_bounds_the_change_of_each_element_whatever_the_budget()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var radius = linspace(0, 0.2, 12).to_type(ScalarType.Float32);
        var attack = new Pgd(0.15) { Steps = 20, StepSize = 0.05, RandomStart = false };
        using var result = attack.Run(network.Classifier(), x, labels, constraint: Constraint.Near(radius));
        var change = (result.Adversarial - x).abs();
        (change <= radius.clamp_max(0.15) + 1e-6).all().ToBoolean().Should().BeTrue();
        change.amax([0L]).gt(radius.clamp_max(0.15) * 0.99 - 1e-6).all().ToBoolean().Should().BeTrue("sign steps reach the end of every element's room");
    }

    [Fact]
    public void A_level_has_the_value_that_an_image_loader_gives_it()
    {
        using var scope = NewDisposeScope();
        var bytes = arange(256, dtype: ScalarType.Float32);
        Constraint.EightBit.Round(bytes / 255 + 0.4 / 255, Bounds.Unit).equal(bytes / 255).all().ToBoolean().Should().BeTrue();
        Constraint.EightBit.Round(bytes + 0.4, new Bounds(0, 255)).equal(bytes).all().ToBoolean().Should().BeTrue();
        Constraint.EightBit.Round(bytes / 255 * 2 - 1, new Bounds(-1, 1)).sub(bytes / 255 * 2 - 1).abs().max().ToDouble().Should().BeLessThan(1e-6);
        Constraint.Lattice(2).Round(tensor(new[] { 0.2f, 0.7f }), Bounds.Unit).data<float>().ToArray().Should().Equal(0f, 1f);
    }

    [Theory]
    [InlineData("Linf")]
    [InlineData("L2")]
    [InlineData("L1")]
    [InlineData("L0")]
    public void Rounding_never_enlarges_a_change_and_changes_nothing_the_second_time(string name)
    {
        using var scope = NewDisposeScope();
        var norm = Norms.ByName(name);
        using var random = new Defenses.Randomness.RandomSource(4);
        foreach (var scale in new[] { 0.3, 0.6, 1.0, 4.0 })
        {
            var change = random.Normal(zeros(20, 50)) * scale;
            change[0] = full([50], 0.6 * scale, dtype: ScalarType.Float32);   // all equally near to the next level
            var whole = LatticeRounding.Whole(change, norm, 0);
            whole.eq(whole.round()).all().ToBoolean().Should().BeTrue();
            (norm.Size(whole) <= norm.Size(change) * (1 + 1e-5)).all().ToBoolean().Should().BeTrue();
            ((whole - change).abs() < 1).all().ToBoolean().Should().BeTrue("each goes to one of its two neighbors");
            LatticeRounding.Whole(whole, norm, 0).equal(whole).all().ToBoolean().Should().BeTrue();
            if (norm != Norm.L2 || scale < 0.5) continue;
            (norm.Size(whole) / norm.Size(change)).min().ToDouble().Should().BeGreaterThan(0.8, "little of the size is lost");
        }
    }

    [Fact]
    public void Rounding_uses_a_budget_that_is_larger_than_the_change()
    {
        using var scope = NewDisposeScope();
        var change = tensor(new[] { 1.7f, -0.6f }).unsqueeze(0);
        LatticeRounding.Whole(change, Norm.Linf, 0).data<float>().ToArray().Should().Equal(1f, -1f);
        LatticeRounding.Whole(change, Norm.Linf, 2.5).data<float>().ToArray().Should().Equal(2f, -1f);
        LatticeRounding.Whole(change, Norm.L2, 3).data<float>().ToArray().Should().Equal(2f, -1f);
        LatticeRounding.Whole(change, Norm.L2, 0).data<float>().ToArray().Should().Equal(1f, 0f);
    }

    [Fact]
    public void Composite_attacks_and_detectors_keep_the_constraint()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        x = Constraint.EightBit.Round(x, Bounds.Unit);
        labels = network.call(x).argmax(1);
        var mask = arange(12).ge(4);
        var constraint = Constraint.Mask(mask).And(Constraint.EightBit);
        var goal = new EvadeDetectors(Goal.Avoid(labels), new DetectorLimit(new Brightness(), 0.7));
        foreach (var attack in new Attack[]
            { new WorstOf(new Pgd(0.4) { Steps = 15 }, new CwPgd(0.4) { Steps = 15 }), new Pgd(0.4) { Steps = 20 }, new Square(0.4) { Candidates = 100 } })
        {
            using var result = attack.Run(network.Classifier(), x, goal, constraint: constraint);
            mask.logical_not().logical_and(result.Adversarial.ne(x)).any().ToBoolean().Should().BeFalse();
            result.Met.any().ToBoolean().Should().BeTrue();
            (result.Adversarial.index_select(0, result.Met.nonzero().squeeze(1)).mean([1L]) <= 0.7 + 1e-5).all().ToBoolean().Should().BeTrue();
        }
    }

    [Fact]
    public void An_evaluation_keeps_it_by_image_number_and_prints_it()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data(10);
        var mask = zeros(10, 12);
        mask.narrow(0, 0, 5).fill_(1);   // only the first five images may change
        var constraint = Constraint.Mask(mask);
        var report = new RobustnessEvaluation(
                [new("plain", network.Classifier())],
                [new("PGD", epsilon => new Pgd(epsilon) { Steps = 10, Restarts = 1 }) { Constraint = constraint }, new("noise", epsilon => new Noise(epsilon))],
                [0.4]) { BlockSize = 4, Seed = 1 }
            .Run(LabeledImages.From(x, labels));
        report.Settings.Attacks[0].Constraint.Should().Be($"{constraint}").And.StartWith("mask of 60 of 120 elements");
        report.Settings.Attacks[0].Options[0].Should().StartWith("Pgd {").And.EndWith($"within {constraint}");
        report.Settings.Attacks[1].Constraint.Should().BeNull();
        var success = report.Defenses[0].Strengths[0].Cells[0].Outcome.Success!.MeanDraw;
        success.Rate.Should().BeGreaterThan(0.2).And.BeLessThanOrEqualTo(0.5, "the other five images stay as they are");
    }

    private static void Refused(Func<Constraint> make, string name) =>
        make.Should().Throw<ArgumentException>().Where(error => error.ParamName == name && (error is ArgumentNullException || error.Message.Contains(name)));

    private sealed class Brightness : IDetectorScore
    {
        public bool IsDifferentiable => true;

        public Tensor Score(Tensor images) => images.flatten(1).mean([1L]);
    }
}
