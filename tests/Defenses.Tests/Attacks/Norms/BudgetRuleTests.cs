using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>One rule for "within ε"; its amounts are tested with the judge's enforcement of it.</summary>
public sealed class BudgetRuleTests
{
    private const double Epsilon = 0.5 / 255;

    [Fact]
    public void A_whole_step_in_single_precision_is_within_a_small_budget_wherever_it_begins()
    {
        using var scope = NewDisposeScope();
        var x = (arange(255, dtype: ScalarType.Float32) / 255).view(255, 1);
        Norm.Linf.Size(x + Epsilon - x).max().ToDouble().Should().BeGreaterThan(Epsilon * (1 + 1e-5), "rounding alone makes it larger");
        BudgetRule.IsWithin(x, x + Epsilon, Norm.Linf, Epsilon, Bounds.Unit).all().ToBoolean().Should().BeTrue();
        BudgetRule.IsWithin(x, x + Epsilon + 2e-5, Norm.Linf, Epsilon, Bounds.Unit).any().ToBoolean().Should().BeFalse();
    }

    // The boundary lies a thousandth below the whole budget, so that Auto-PGD's first part fools every image by a whole step. A part that is not believed
    // costs the passes of all other parts.
    [Fact]
    public void An_ensemble_believes_a_part_that_took_a_whole_step()
    {
        using var network = new LinearModel(inputs: 2, classes: 2);
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            network.Weight.copy_(tensor(new[] { -1000f, -1000, 1000, 1000 }).view(2, 2));
            network.Bias.copy_(tensor(new[] { 1500f, -1500 }));
        }

        var first = arange(64, dtype: ScalarType.Float32) / 160 + 0.55;
        var x = stack([first, 1.5 - first - 2 * Epsilon * 0.999], 1);
        var labels = zeros([64], dtype: ScalarType.Int64);
        using var part = new Apgd(Epsilon) { Steps = 10, Seed = 1 }.Run(network.Classifier(), x, labels);
        using var whole = new AutoAttackStandard(Epsilon) { Steps = 10, Candidates = 20, Seed = 1 }.Run(network.Classifier(), x, labels);
        part.Met.all().ToBoolean().Should().BeTrue();
        whole.Met.all().ToBoolean().Should().BeTrue();
        whole.Queries.Backward.Should().BeLessThanOrEqualTo(part.Queries.Backward, "no other part had to run");
    }
}
