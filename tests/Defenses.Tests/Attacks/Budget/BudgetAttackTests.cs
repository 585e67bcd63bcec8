using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>On a linear model with two classes the best point within a budget is known exactly.</summary>
public sealed class BudgetAttackTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var norm in new[] { "L1", "L2", "Linf" })
            foreach (var attack in new[] { "Fgsm", "Bim", "Pgd", "CwPgd" }) cases.Add(attack, norm);
        foreach (var norm in new[] { "L1", "L2", "Linf" })
            foreach (var attack in new[] { "Apgd", "AutoAttackRandomized" }) cases.Add(attack, norm);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reaches_the_exact_optimum_of_a_linear_model(string name, string normName)
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var norm = Norms.ByName(normName);
        var attack = ByName(name, epsilon: 0.05, norm);
        using var result = attack.Run(network.Classifier(), x, labels);
        // margin(x + δ) = margin(x) + w·δ with w the difference of the two rows; its best δ gains ε times the dual norm of w.
        var w = network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0);
        var dual = normName switch { "L1" => w.abs().max(), "L2" => w.norm(), _ => w.abs().sum() };
        var goal = Goal.Avoid(labels);
        var model = network.Classifier();
        var gain = goal.Margin(model.Logits(result.Adversarial)) - goal.Margin(model.Logits(x));
        (gain / (0.05 * dual) - 1).abs().max().ToDouble().Should().BeLessThan(1e-4);
    }

    [Theory]
    [InlineData("L1")]
    [InlineData("L2")]
    [InlineData("Linf")]
    public void Targeted_and_untargeted_are_mirror_images_with_two_classes(string normName)
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var attack = new Pgd(0.1) { Norm = Norms.ByName(normName), RandomStart = false, Restarts = 1 };
        using var away = attack.Run(network.Classifier(), x, labels);
        using var towards = attack.Run(network.Classifier(), x, Goal.Reach(1 - labels));
        (away.Adversarial - towards.Adversarial).abs().max().ToDouble().Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Bounds_that_bind_leave_the_l1_step_optimal()
    {
        using var network = new LinearModel(inputs: 3, classes: 2);
        using (no_grad())
        {
            using var weight = tensor(new[,] { { 0f, 0f, 0f }, { 3f, 2f, 1f } });
            network.Weight.copy_(weight);
        }
        using var x = tensor(new[,] { { 0.9f, 0.8f, 0.5f } });
        using var labels = zeros([1], dtype: ScalarType.Int64);
        using var result = new Fgsm(0.4) { Norm = Norm.L1 }.Run(network.Classifier(), x, labels);
        // 0.1 fits into the first element, 0.2 into the second, the remaining 0.1 goes into the third.
        result.Adversarial.data<float>().ToArray().Should().BeEquivalentTo([1f, 1f, 0.6f], options => options.WithStrictOrdering()
            .Using<float>(pair => pair.Subject.Should().BeApproximately(pair.Expectation, 1e-6f)).WhenTypeIs<float>());
    }

    [Fact]
    public void Bim_a_keeps_the_first_iterate_that_is_misclassified_and_bim_b_the_last()
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var bim = new Bim(0.3) { Steps = 30, StepSize = 0.01 };
        using var last = bim.Run(network.Classifier(), x, labels);
        using var first = (bim with { Variant = BimVariant.First }).Run(network.Classifier(), x, labels);
        first.Met.equal(last.Met).all().ToBoolean().Should().BeTrue();
        var model = network.Classifier();
        var goal = Goal.Avoid(labels);
        // One step before the first misclassified iterate the example is still right: its margin is below the gain of a step.
        var gain = 0.01 * (network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0)).abs().sum();
        var margin = goal.Margin(model.Logits(first.Adversarial)).masked_select(first.Met);
        margin.max().ToDouble().Should().BeLessThanOrEqualTo(gain.ToDouble() + 1e-5);
        (first.Size <= last.Size + 1e-6).all().ToBoolean().Should().BeTrue();
        first.Queries.Backward.Should().BeLessThan(last.Queries.Backward, "finished examples use no more passes");
    }

    [Fact]
    public void A_budget_of_nothing_changes_nothing()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        foreach (var attack in new Attack[] { new Fgsm(0), new Bim(0) { StepSize = 0.1 }, new Pgd(0) { StepSize = 0.1 }, new CwPgd(0) { StepSize = 0.1 } })
        {
            using var result = attack.Run(network.Classifier(), x, labels);
            using var same = (result.Adversarial - x).abs().max();
            same.ToDouble().Should().BeLessThan(1e-7);
        }
    }

    [Fact]
    public void Restarts_keep_the_best_end_of_each_example()
    {
        using var network = nn.Sequential(("linear", new LinearModel(classes: 3, scale: 3)), ("fold", new Zigzag()));
        network.eval();
        var (x, labels) = ((LinearModel)network[0]).Data(64);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var own = new Classifier(network, Bounds.Unit).Logits(x);
        using var right = own.argmax(1);
        var once = new Pgd(0.05) { Seed = 1, Restarts = 1, Steps = 5 };
        using var single = once.Run(new Classifier(network, Bounds.Unit), x, right);
        using var many = (once with { Restarts = 6 }).Run(new Classifier(network, Bounds.Unit), x, right);
        (single.Met.logical_and(many.Met.logical_not())).any().ToBoolean().Should().BeFalse("the first of six ascents is the single one");
        many.Met.sum().ToInt64().Should().BeGreaterThanOrEqualTo(single.Met.sum().ToInt64());
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_budget_that_is_none_is_refused(double epsilon)
    {
        foreach (var create in new Func<Attack>[] { () => new Fgsm(epsilon), () => new Bim(epsilon), () => new Pgd(epsilon), () =>
            new Pgd(0.1) with { Epsilon = epsilon } })
            create.Should().Throw<ArgumentOutOfRangeException>().Where(error => error.ParamName == "Epsilon");
    }

    [Fact]
    public void Options_that_are_none_are_refused()
    {
        var bad = new Func<Attack>[]
        {
            () => new Pgd(0.1) { Steps = 0 }, () => new Pgd(0.1) { StepSize = 0 }, () => new Pgd(0.1) { Restarts = 0 },
            () => new Pgd(0.1) { Norm = Norm.L0 }, () => new Fgsm(0.1) { Norm = null! }, () => new Pgd(0.1) { DecisionDraws = 0 },
        };
        foreach (var create in bad) create.Should().Throw<ArgumentException>();
    }

    private static Attack ByName(string name, double epsilon, Norm norm) => name switch
    {
        "Fgsm" => new Fgsm(epsilon) { Norm = norm },
        "Bim" => new Bim(epsilon) { Norm = norm },
        "Apgd" => new Apgd(epsilon) { Norm = norm, Seed = 1 },
        "AutoAttackRandomized" => new AutoAttackRandomized(epsilon) { Norm = norm, Seed = 1, Draws = 1 },
        "Pgd" => new Pgd(epsilon) { Norm = norm, Seed = 1 },
        _ => new CwPgd(epsilon) { Norm = norm, Seed = 1 },
    };

    // Bends the logits, so that ascents from different points end at different points.
    private sealed class Zigzag : nn.Module<Tensor, Tensor>
    {
        internal Zigzag() : base(nameof(Zigzag)) { }

        public override Tensor forward(Tensor x) => (x * 6).sin();
    }
}
