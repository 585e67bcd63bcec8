using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class SmallestOfTests : AttackContract<SmallestOf>
{
    protected override SmallestOf Create() => new(new Ddn { Steps = 20 }, new Fmn { Steps = 20 }) { Classes = 2 };

    // DDN ascends cross-entropy, which is flat at large logits: the successes that only it finds are lost.
    protected override int LostToLargeLogits => 8;

    [Fact]
    public void Each_example_keeps_its_smallest_success()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        Attack[] parts = [new DeepFool(), new CarliniWagner { Steps = 30, SearchSteps = 2, InitialConstant = 1 }];
        using var all = new SmallestOf(parts) { Seed = 1 }.Run(network.Classifier(), x, labels);
        foreach (var part in parts)
        {
            using var alone = (part with { Seed = 1 }).Run(network.Classifier(), x, labels);
            var larger = (all.Size > alone.Size + 1e-6).logical_and(alone.Met);
            larger.any().ToBoolean().Should().BeFalse();
        }
    }

    [Fact]
    public void The_search_through_single_classes_finds_a_nearer_one_than_the_search_for_any()
    {
        // Class 1 leads the other classes, but its boundary is far; the boundary to class 2 is near.
        using var network = new LinearModel(inputs: 2, classes: 3);
        using (no_grad())
        {
            network.Weight.copy_(tensor(new[] { 0f, 0, 0.2f, 0, 0, 10 }).view(3, 2));
            network.Bias.copy_(tensor(new[] { 1f, 0.85f, -5f }));
        }
        using var x = full([1, 2], 0.5);
        using var labels = zeros([1], dtype: ScalarType.Int64);
        using var scope = NewDisposeScope();
        using var run = new SmallestOf(new Fmn { Steps = 60 }) { Classes = 1 }.Run(network.Classifier(new Bounds(-4, 4)), x, labels);
        run.Size.ToDouble().Should().BeApproximately(0.1, 0.005, "10·0.1 closes the gap to class 2; class 1 is 0.25 away");
    }

    [Fact]
    public void On_a_random_model_successes_at_the_boundary_are_not_lost()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("noise", new GaussianNoise(0.05)), ("linear", new LinearModel()));
        network.eval();
        var (x, labels) = ((LinearModel)network[1]).Data(20);
        var model = new Classifier(network, Bounds.Unit);
        using var run = new SmallestOf(new Pdpgd { Steps = 30 }) { Seed = 1 }.Run(model, x, labels);
        Numbers.Of(run.Met).Sum().Should().BeGreaterThanOrEqualTo(16, "a search ends where half of the draws err, and is judged again there");
    }

    public static TheoryData<string> Norms => ["L0", "L1", "L2", "Linf"];

    [Theory]
    [MemberData(nameof(Norms))]
    public void The_thorough_attacks_of_a_norm_find_a_change_of_every_image_no_larger_than_one_of_them_alone(string name)
    {
        var norm = name switch { "L0" => Norm.L0, "L1" => Norm.L1, "L2" => Norm.L2, _ => Norm.Linf };
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data(6);
        var thorough = SmallestOf.Thorough(norm, 40);
        using var all = thorough.Run(network.Classifier(), x, labels);
        using var alone = thorough.Attacks[0].Run(network.Classifier(), x, labels);
        all.Met.all().ToBoolean().Should().BeTrue();
        (all.Size > alone.Size + 1e-5).logical_and(alone.Met).any().ToBoolean().Should().BeFalse();
        thorough.Norm.Should().Be(norm);
        thorough.Strengthen(AttackEffort.Steps, 2).Should().NotBeNull();
    }

    [Fact]
    public void Thorough_attacks_without_a_step_are_refused()
    {
        var make = () => SmallestOf.Thorough(Norm.L2, 0);
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*steps*0*");
    }

    [Fact]
    public void Attacks_in_different_norms_are_refused()
    {
        var make = () => new SmallestOf(new Ddn(), new SigmaZero());
        make.Should().Throw<ArgumentException>().WithMessage("*same norm*L2*L0*");
    }
}
