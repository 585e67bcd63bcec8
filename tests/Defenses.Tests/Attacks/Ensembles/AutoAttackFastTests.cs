using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class AutoAttackFastTests : AttackContract<AutoAttackFast>
{
    protected override double? Budget => 0.3;

    protected override AutoAttackFast Create() => new(0.3) { Steps = 15, Candidates = 30, Draws = 4 };

    [Fact]
    public void Leaves_no_more_than_the_standard_ensemble_with_a_fifth_of_its_passes()
    {
        using var scope = NewDisposeScope();
        using var network = Curved(classes: 10);
        var x = Numbers.Uniform([40, 12], seed: 8);
        var model = In(network, Bounds.Unit);
        var labels = model.Logits(x).argmax(1);
        using var standard = new AutoAttackStandard(0.2) { Steps = 20, Candidates = 1000, Seed = 1 }.Run(model, x, labels);
        using var fast = new AutoAttackFast(0.2) { Steps = 20, Candidates = 1000, Seed = 1 }.Run(model, x, labels);
        Numbers.Of(standard.Met).Sum().Should().BeInRange(1, 39, "some must fall and some resist");
        Numbers.Of(fast.Met).Sum().Should().BeGreaterThanOrEqualTo(Numbers.Of(standard.Met).Sum());
        var resisting = Enumerable.Range(0, 40).Where(i => !standard.Met[i].ToBoolean()).ToList();
        resisting.Sum(i => fast.QueriesPerExample[i].Forward).Should().BeLessThanOrEqualTo(resisting.Sum(i => standard.QueriesPerExample[i].Forward) / 5);
        resisting.Sum(i => fast.QueriesPerExample[i].Backward).Should().BeLessThanOrEqualTo(resisting.Sum(i => standard.QueriesPerExample[i].Backward) / 5);
    }

    [Fact]
    public void On_a_random_view_gradients_are_averaged_over_its_draws()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("noise", new GaussianNoise(0.05)), ("linear", new LinearModel()));
        network.eval();
        var (x, labels) = ((LinearModel)network[1]).Data(4);
        var attack = new AutoAttackFast(1e-6) { Steps = 10, Targets = 1, Candidates = 1, Seed = 1 };
        using var few = (attack with { Draws = 2 }).Run(new Classifier(network, Bounds.Unit), x, labels);
        using var many = (attack with { Draws = 20 }).Run(new Classifier(network, Bounds.Unit), x, labels);
        many.Queries.Backward.Should().Be(10 * few.Queries.Backward);
    }
}
