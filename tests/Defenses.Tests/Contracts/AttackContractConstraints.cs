using Defenses.Attacks;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

// The laws of constraints: every attack keeps them, and succeeds where success is possible.
public abstract partial class AttackContract<T>
{
    /// <summary>The least share of the points that can be fooled under a constraint; lower for attacks that do not search.</summary>
    protected virtual double ShareUnderConstraint => 0.6;

    [Fact]
    public void With_a_mask_nothing_outside_of_it_changes_and_most_points_that_can_be_fooled_are()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var mask = arange(12).remainder(3).ne(0);
        var adversarial = Constrained(network, x, labels, Constraint.Mask(mask), where(mask, 0f, x), where(mask, 1f, x));
        mask.logical_not().logical_and(adversarial.ne(x)).any().ToBoolean().Should().BeFalse("the mask is a promise");
    }

    [Fact]
    public void With_a_mask_for_each_image_every_image_keeps_its_own()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var mask = (arange(12).unsqueeze(0) + arange(16).unsqueeze(1)).remainder(3).ne(0);   // another element stays in each next row
        var adversarial = Constrained(network, x, labels, Constraint.Mask(mask), where(mask, 0f, x), where(mask, 1f, x));
        mask.logical_not().logical_and(adversarial.ne(x)).any().ToBoolean().Should().BeFalse("the mask is a promise");
    }

    [Fact]
    public void Bounds_of_elements_hold_and_most_points_that_can_be_fooled_are()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var lower = linspace(0.0, 0.35, 12).to_type(ScalarType.Float32);
        var upper = linspace(0.65, 1.0, 12).to_type(ScalarType.Float32);
        var adversarial = Constrained(network, x, labels, Constraint.Between(lower, upper), lower.expand(16, 12), upper.expand(16, 12));
        (adversarial < lower).logical_or(adversarial > upper).any().ToBoolean().Should().BeFalse();
    }

    [Fact]
    public void On_the_lattice_every_value_is_a_level_and_most_points_that_can_be_fooled_are()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var adversarial = Constrained(network, x, labels, Constraint.EightBit, zeros_like(x), ones_like(x));
        IsEightBit(adversarial).Should().BeTrue("an image file must hold it exactly");
    }

    [Fact]
    public void Mask_bounds_and_lattice_hold_together_also_towards_a_target()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var mask = arange(12).remainder(4).ne(0);
        var constraint = Constraint.Mask(mask).And(Constraint.Between(0.1, 0.9)).And(Constraint.EightBit);
        var nearest = network.call(x).scatter(1, labels.unsqueeze(1), full_like(labels.unsqueeze(1), -1e9, dtype: ScalarType.Float32)).argmax(1);
        var adversarial = Constrained(network, x, labels, constraint, where(mask, 0.1f, x), where(mask, 0.9f, x), Goal.Reach(nearest));
        IsEightBit(adversarial).Should().BeTrue();
        mask.logical_not().logical_and(adversarial.ne(x)).any().ToBoolean().Should().BeFalse();
        (adversarial.min().ToDouble(), adversarial.max().ToDouble()).Should().Match<(double Low, double High)>(seen => seen.Low >= 0.1 && seen.High <= 0.9);
    }

    [Fact]
    public void A_random_model_keeps_the_constraint_and_its_errors_are_no_successes()
    {
        using var scope = NewDisposeScope();
        using var network = Noisy(out _);
        var (_, x, _) = Pictures();
        var labels = ((LinearModel)network[1]).call(x).argmax(1);
        var mask = arange(12).remainder(3).ne(0);
        var constraint = Constraint.Mask(mask).And(Constraint.EightBit);
        using var result = (Create() with { Seed = 5 }).Run(new Classifier(network, Bounds.Unit), x, labels, constraint: constraint);
        IsEightBit(result.Adversarial).Should().BeTrue();
        mask.logical_not().logical_and(result.Adversarial.ne(x)).any().ToBoolean().Should().BeFalse();
        using var coin = new CoinFlip(0.9);
        using var none = (Create() with { DecisionDraws = 31, Seed = 5 }).Run(
            new Classifier(coin, Bounds.Unit), Constraint.EightBit.Round(full([40, 3], 0.5), Bounds.Unit), zeros([40], dtype: ScalarType.Int64),
            constraint: Constraint.EightBit);
        none.Met.to_type(ScalarType.Float32).sum().ToDouble().Should().BeLessThanOrEqualTo(1, "one draw in ten errs, but never a majority");
    }

    [Fact]
    public void The_model_gets_only_images_that_satisfy_the_constraint()
    {
        using var scope = NewDisposeScope();
        var (inner, x, labels) = Pictures();
        var mask = arange(12).remainder(3).ne(0);
        x = where(mask, x, full_like(x, 102 / 255f));   // one value wherever nothing may change
        labels = inner.call(x).argmax(1);
        using var network = new Watched(inner, images =>
            IsEightBit(images) && images.masked_select(mask.logical_not()).eq(102 / 255f).all().ToBoolean());
        (Create() with { Seed = 5 }).Run(new Classifier(network, Bounds.Unit), x, labels, constraint: Constraint.Mask(mask).And(Constraint.EightBit)).Dispose();
        network.Passes.Should().BeGreaterThan(0);
        if (!TransformsImages) network.Strangers.Should().Be(0, "no query may leave the constraint");
    }

    /// <summary>Whether the attack transforms images behind the constraint, so that its model gets others; usually not.</summary>
    protected virtual bool TransformsImages => false;

    [Fact]
    public void An_empty_mask_leaves_the_images_as_they_are()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        using var result = (Create() with { Seed = 5 }).Run(network.Classifier(), x, labels, constraint: Constraint.Mask(zeros(12)));
        result.Adversarial.equal(x).all().ToBoolean().Should().BeTrue();
        result.Met.any().ToBoolean().Should().BeFalse();
        result.Size.abs().max().ToDouble().Should().Be(0);
    }

    [Fact]
    public void Leaves_no_tensor_behind_under_a_constraint()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var model = network.Classifier();
        var constraint = Constraint.Mask(eye(16, 12).eq(0)).And(Constraint.Between(0.0, 0.95)).And(Constraint.EightBit);
        Leaks.None(() => Create().Run(model, x, labels, constraint: constraint).Dispose());
    }

    [Fact]
    public void A_constraint_that_does_not_fit_is_refused_with_its_name()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Pictures();
        var (model, attack) = (network.Classifier(), Create() with { Seed = 5 });
        Refuses<ArgumentException>(() => attack.Run(model, x, labels, constraint: Constraint.Mask(ones(5))), "constraint");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels, constraint: Constraint.Mask(ones(7, 12))), "constraint");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels, constraint: Constraint.Mask(ones(1, 16, 12))), "constraint");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels, constraint: Constraint.Between(-0.1, 0.9)), "constraint");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels, constraint: Constraint.Between(0.0, 0.5)), "constraint");
        Refuses<ArgumentException>(() => attack.Run(model, x + 0.3 / 255, labels, constraint: Constraint.EightBit), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x.to_type(ScalarType.Float16), labels, constraint: Constraint.EightBit), "x");
    }

    // Runs the attack, and holds its result to the budget, to what it says of itself, and to what a step straight towards a class would reach.
    private Tensor Constrained(LinearModel network, Tensor x, Tensor labels, Constraint constraint, Tensor lower, Tensor upper, Goal? goal = null)
    {
        var (model, attack) = (network.Classifier(), Create() with { Seed = 5 });
        using var result = attack.Run(model, x, goal ?? Goal.Avoid(labels), constraint: constraint);
        if (Budget is { } budget) result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(budget * (1 + 1e-5) + 1e-6);
        (result.Size - attack.Norm.Size(result.Adversarial - x)).abs().max().ToDouble().Should().BeLessThan(1e-5);
        var fooled = (goal ?? Goal.Avoid(labels)).IsMet(model.Logits(result.Adversarial));
        fooled.eq(result.Met).all().ToBoolean().Should().BeTrue("Met must be right about the images that are returned");
        var possible = Possible(network, attack.Norm, x, labels, lower, upper, goal);
        var (most, found) = (possible.sum().ToInt64(), possible.logical_and(fooled).sum().ToInt64());
        most.Should().BeGreaterThan(0, "the test needs points that can be fooled");
        found.Should().BeGreaterThanOrEqualTo((long)(ShareUnderConstraint * most), $"{most} points can be fooled under the constraint");
        result.Adversarial.isnan().any().ToBoolean().Should().BeFalse();
        return result.Adversarial.clone();
    }

    // The points that a single step of the budget towards one of the classes fools, within a box.
    private Tensor Possible(LinearModel network, Norm norm, Tensor x, Tensor labels, Tensor lower, Tensor upper, Goal? goal)
    {
        using var noGrad = no_grad();
        var found = zeros([x.shape[0]], dtype: ScalarType.Bool);
        for (var k = 0L; k < network.Weight.shape[0]; k++)
        {
            var slope = network.Weight[k] - network.Weight.index_select(0, labels);
            slope = where(lower < upper, slope, zeros_like(slope));
            var end = Budget is { } budget ? norm.Ascend(x, slope, budget, Bounds.Unit) : where(slope > 0, upper, lower);
            var logits = network.call(maximum(minimum(end, upper), lower));
            found = found.logical_or((goal ?? Goal.Avoid(labels)).IsMet(logits));
        }

        return found;
    }

    // Images on the 8-bit lattice, as the model recognizes them.
    private static (LinearModel Network, Tensor X, Tensor Labels) Pictures()
    {
        var network = new LinearModel();
        var (points, _) = network.Data();
        var x = (points * 255).round() / 255;
        return (network, x, network.call(x).argmax(1));
    }

    private static bool IsEightBit(Tensor images)
    {
        using var scope = NewDisposeScope();
        return images.mul(255).round().div(255).eq(images).all().ToBoolean();
    }

    /// <summary>Counts the passes, and those with images that break a rule.</summary>
    private sealed class Watched : nn.Module<Tensor, Tensor>
    {
        private readonly LinearModel _inner;
        private readonly Func<Tensor, bool> _rule;

        internal Watched(LinearModel inner, Func<Tensor, bool> rule) : base(nameof(Watched))
        {
            (_inner, _rule) = (inner, rule);
            RegisterComponents();
            eval();
        }

        internal int Passes { get; private set; }

        internal int Strangers { get; private set; }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            Passes++;
            if (!_rule(x.detach())) Strangers++;
            return _inner.call(x).MoveToOuterDisposeScope();
        }
    }
}
