using Defenses.Attacks;
using Defenses.Models;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class ArcTests : AttackContract<Arc>
{
    protected override double? Budget => 0.3;

    protected override Arc Create() => new(0.3) { Steps = 10 };

    /// <summary>
    /// One element, two members. The first is fooled from +0.05 on, with slope 1; the second only below −0.12, with slope −10. Within ±0.1 every mean loss
    /// falls towards the first member's boundary: an ascent of it ends at −0.1, where both members are right (Dbouk and Shanbhag 2022, section 4).
    /// </summary>
    [Theory]
    [InlineData("L2")]
    [InlineData("Linf")]
    public void Fools_the_member_within_reach_where_an_ascent_of_the_mean_loss_fools_none(string normName)
    {
        using var near = Line(slope: 1, gap: -0.05);
        using var far = Line(slope: -10, gap: -1.2);
        var ensemble = new Surrogates([near.Classifier(), far.Classifier()]);
        using var scope = NewDisposeScope();
        var (x, labels) = (full([1, 1], 0.5), zeros([1], dtype: ScalarType.Int64));
        foreach (var loss in new[] { Loss.CrossEntropy, Loss.Margin })
        {
            using var ascended = new Pgd(0.1) { Norm = Norms.ByName(normName), Loss = loss, Seed = 1 }.Run(ensemble, x, labels);
            Fooled(ensemble, ascended.Adversarial, labels).ToDouble().Should().Be(0, "the mean loss leads away");
        }

        using var result = new Arc(0.1) { Norm = Norms.ByName(normName), Seed = 1 }.Run(ensemble, x, labels);
        Fooled(ensemble, result.Adversarial, labels).ToDouble().Should().BeApproximately(0.5, 1e-6);
    }

    [Fact]
    public void Gradients_that_cancel_do_not_stop_it()
    {
        using var left = Line(slope: 3, gap: -0.2);
        using var right = Line(slope: -3, gap: -0.25);
        var ensemble = new Surrogates([left.Classifier(), right.Classifier()], [0.3, 0.7]);
        using var scope = NewDisposeScope();
        var (x, labels) = (full([1, 1], 0.5), zeros([1], dtype: ScalarType.Int64));
        using var result = new Arc(0.1) { RandomStart = false }.Run(ensemble, x, labels);
        Fooled(ensemble, result.Adversarial, labels).ToDouble().Should().BeApproximately(0.7, 1e-6, "only one of them can be fooled: the likelier");
    }

    [Theory]
    [InlineData("L2", 0.4)]
    [InlineData("Linf", 0.2)]
    public void Fools_at_least_as_many_members_of_linear_ensembles_as_pgd(string normName, double epsilon)
    {
        using var scope = NewDisposeScope();
        var members = Enumerable.Range(0, 4).Select(i => OwnModels.Relative(i)).ToArray();
        var (x, _) = members[0].Data(60);
        var ensemble = new Surrogates([.. members.Select(member => member.Classifier())], [0.4, 0.3, 0.2, 0.1]);
        var labels = ensemble.Logits(x).argmax(1);
        var norm = Norms.ByName(normName);
        using var arc = new Arc(epsilon) { Norm = norm, Seed = 1 }.Run(ensemble, x, labels);
        using var lite = new Arc(epsilon) { Norm = norm, Seed = 1, TopClasses = 2 }.Run(ensemble, x, labels);
        using var pgd = new Pgd(epsilon) { Norm = norm, Seed = 1, Steps = 40, Restarts = 1 }.Run(ensemble, x, labels);
        var (ours, theirs) = (Fooled(ensemble, arc.Adversarial, labels), Fooled(ensemble, pgd.Adversarial, labels));
        theirs.mean().ToDouble().Should().BeInRange(0.05, 0.98, "neither nothing nor everything");
        ours.mean().ToDouble().Should().BeGreaterThanOrEqualTo(theirs.mean().ToDouble());
        (ours < theirs - 1e-6).to_type(ScalarType.Float32).mean().ToDouble().Should().BeLessThan(0.1, "the exception is a greedy turn");
        Fooled(ensemble, lite.Adversarial, labels).mean().ToDouble().Should().BeGreaterThanOrEqualTo(theirs.mean().ToDouble());
        foreach (var member in members) member.Dispose();
    }

    [Fact]
    public void Attacks_every_path_of_a_switching_network()
    {
        using var network = new SwitchingNetwork([
            new SwitchingBlock([new LinearModel(12, 6, 1), new LinearModel(12, 6, 2)]),
            new SwitchingBlock([new LinearModel(6, 4, 3), new LinearModel(6, 4, 4), new LinearModel(6, 4, 5)]),
        ]);
        network.eval();
        using var scope = NewDisposeScope();
        var all = new AllPaths(network, Bounds.Unit);
        var x = Numbers.Uniform([20, 12], seed: 8) * 0.2 + 0.4;
        var goal = Goal.Avoid(all.Logits(x).argmax(1));
        using var arc = new Arc(0.15) { Seed = 1 }.Run(all, x, goal);
        using var few = new Arc(0.15) { Seed = 1, MembersPerStep = 2 }.Run(all, x, goal);
        using var pgd = new Pgd(0.15) { Seed = 1, Steps = 40, Restarts = 1 }.Run(all, x, goal);
        var clean = all.SuccessRate(x, goal.IsMet).mean().ToDouble();
        var (ours, theirs) = (all.SuccessRate(arc.Adversarial, goal.IsMet).mean().ToDouble(), all.SuccessRate(pgd.Adversarial, goal.IsMet).mean().ToDouble());
        ours.Should().BeGreaterThan(clean).And.BeGreaterThanOrEqualTo(theirs);
        few.Queries.Backward.Should().BeLessThan(arc.Queries.Backward);
        all.SuccessRate(few.Adversarial, goal.IsMet).mean().ToDouble().Should().BeGreaterThan(clean);
    }

    [Fact]
    public void A_path_alone_has_the_gradients_of_the_network_on_that_path()
    {
        using var network = new SwitchingNetwork([
            new SwitchingBlock([new LinearModel(12, 6, 1), new LinearModel(12, 6, 2)]),
                new SwitchingBlock([new LinearModel(6, 4, 3), new LinearModel(6, 4, 4)]),
        ]);
        network.eval();
        using var scope = NewDisposeScope();
        var all = new AllPaths(network, Bounds.Unit);
        var x = Numbers.Uniform([3, 12], seed: 8);
        var members = all.ComputeMemberLogits(x);
        for (var path = 0; path < 4; path++)
        {
            using var only = network.FixPath([path % 2, path / 2]);
            var expected = new Classifier(network, Bounds.Unit);
            var (jacobian, logits) = all.ComputeMemberJacobian(path, x, answers => answers);
            (jacobian - expected.Jacobian(x)).abs().max().ToDouble().Should().BeLessThan(1e-5);
            (logits - expected.Logits(x)).abs().max().ToDouble().Should().BeLessThan(1e-5);
            (logits - members.select(0, path)).abs().max().ToDouble().Should().BeLessThan(1e-5);
        }

        all.MemberShares.Should().Equal(0.25, 0.25, 0.25, 0.25);
    }

    [Fact]
    public void Options_and_probabilities_that_are_none_are_refused()
    {
        using var network = new LinearModel();
        foreach (var create in new Func<Attack>[]
        {
            () => new Arc(0), () => new Arc(0.1) { Norm = Norm.L1 }, () => new Arc(0.1) { Steps = 0 }, () => new Arc(0.1) { StepSize = 0 },
            () => new Arc(0.1) { TopClasses = 1 }, () => new Arc(0.1) { MembersPerStep = 0 }, () => new Arc(0.1) { Overshoot = -1 },
        })
            create.Should().Throw<ArgumentException>();
        foreach (var wrong in new double[][] { [1.0], [0.5, 0.6], [1, 0], [double.NaN, 1] })
            ((Action)(() => _ = new Surrogates([network.Classifier(), network.Classifier()], wrong))).Should().Throw<ArgumentException>()
                .WithMessage("*sum to 1*");
    }

    private static Tensor Fooled(Surrogates ensemble, Tensor x, Tensor labels)
    {
        var shares = zeros([x.shape[0]]);
        for (var i = 0; i < ensemble.Models.Count; i++)
            shares.add_(ensemble.Models[i].Logits(x).argmax(1).ne(labels).to_type(ScalarType.Float32), alpha: ensemble.Probabilities[i]);
        return shares;
    }

    // Two classes of one element: z₁ − z₀ = gap + slope·(x − 0.5).
    private static LinearModel Line(float slope, double gap)
    {
        var network = new LinearModel(inputs: 1, classes: 2);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        network.Weight.copy_(tensor(new[,] { { 0f }, { slope } }));
        network.Bias.copy_(tensor(new[] { 0f, (float)(gap - slope * 0.5) }));
        return network;
    }
}
