using Defenses.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A loss: the margin with a soft maximum over the other classes, log Σ exp z_j − z_y; towards a target, minus that.</summary>
public sealed class SoftMargin : Loss
{
    /// <summary>The one instance: attacks with the same loss are equal.</summary>
    public static SoftMargin Instance { get; } = new();

    public override Tensor Value(Tensor logits, Goal goal)
    {
        using var scope = NewDisposeScope();
        var (merged, own) = (goal.Merged(logits), goal.Classes.unsqueeze(1));
        var others = merged.scatter(1, own, full_like(own, double.NegativeInfinity, dtype: logits.dtype)).logsumexp(1);
        var lead = others - merged.gather(1, own).squeeze(1);
        return (goal.IsTargeted ? -lead : lead.alias()).MoveToOuterDisposeScope();
    }

    public override string ToString() => "soft margin";
}

public sealed class SoftMarginTests : LossContract
{
    protected override Loss Loss => SoftMargin.Instance;

    [Fact]
    public void An_attack_climbs_it()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(40);
        using var images = x;
        using var classes = labels;
        var attack = new Pgd(0.3) { Loss = SoftMargin.Instance, Seed = 1, Restarts = 1 };
        using var result = attack.Run(network.Classifier(), x, labels);
        Numbers.Of(result.Met).Average().Should().BeGreaterThan(0.6);
        attack.ToString().Should().Contain("Loss = soft margin");
    }
}
