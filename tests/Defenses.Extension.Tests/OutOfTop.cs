using Defenses.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A goal: the label must not be among the k largest logits.</summary>
public sealed class OutOfTop(Tensor labels, int k) : Goal(labels)
{
    public override bool IsTargeted => false;

    public override Tensor Margin(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var own = Classes.unsqueeze(1);
        var others = logits.scatter(1, own, full_like(own, double.NegativeInfinity, dtype: logits.dtype));
        var (largest, _) = others.topk(k, 1);
        return (largest.select(1, k - 1) - logits.gather(1, own).squeeze(1)).MoveToOuterDisposeScope();
    }

    public override Tensor IsMet(Tensor logits)
    {
        using var margin = Margin(logits);
        return margin > 0;
    }

    public override Goal Select(Tensor indices) => new OutOfTop(Classes.index_select(0, indices), k);

    public override string ToString() => $"out of the top {k}";
}

public sealed class OutOfTopTests : GoalContract
{
    protected override Goal Create(Tensor classes) => new OutOfTop(classes, 2);

    public static TheoryData<string> Attacks() => ["PGD", "APGD", "C&W", "DeepFool", "FAB", "trust region", "Square", "AutoAttack", "EOT"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Attacks_cross_the_boundary_of_its_margin(string name)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(20);
        using var images = x;
        using var classes = labels;
        using var result = ByName(name).Run(network.Classifier(), x, new OutOfTop(labels, 2));
        using var scope = NewDisposeScope();
        var logits = network.Classifier().Logits(result.Adversarial);
        var rank = logits.gt(logits.gather(1, labels.unsqueeze(1))).to_type(ScalarType.Float32).sum([1L]);
        Numbers.Of(rank.ge(2)).Should().Equal(Numbers.Of(result.Met));
        Numbers.Of(result.Met).Average().Should().BeGreaterThan(0.5);
    }

    [Fact]
    public void A_loss_that_is_scaled_for_one_class_says_so()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(4);
        using var images = x;
        using var classes = labels;
        FluentActions.Invoking(() => new Apgd(0.1) { Loss = Loss.Dlr }.Run(network.Classifier(), x, new OutOfTop(labels, 2)))
            .Should().Throw<ArgumentException>().WithMessage("*out of the top 2*Loss.Margin*");
    }

    [Fact]
    public void An_attack_that_raises_one_class_says_that_there_is_none()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(4);
        using var images = x;
        using var classes = labels;
        FluentActions.Invoking(() => new Jsma().Run(network.Classifier(), x, new OutOfTop(labels, 2)))
            .Should().Throw<InvalidOperationException>().WithMessage("*out of the top 2*names none*");
    }

    private static Attack ByName(string name) => name switch
    {
        "PGD" => new Pgd(0.4) { Loss = Loss.Margin, Seed = 1, Restarts = 1, StopEarly = true },
        "APGD" => new Apgd(0.4) { Loss = Loss.Margin, Seed = 1, Steps = 20 },
        "C&W" => new CarliniWagner { Steps = 100, SearchSteps = 4, InitialConstant = 1, Seed = 1 },
        "DeepFool" => new DeepFool { Seed = 1 },
        "FAB" => new Fab { Steps = 20, Seed = 1 },
        "trust region" => new TrustRegion { Seed = 1 },
        "Square" => new Square(0.4) { Candidates = 300, Seed = 1 },
        "AutoAttack" => new AutoAttackStandard(0.4) { Steps = 10, Candidates = 50, Seed = 1 },
        _ => new AutoAttackRandomized(0.4) { Steps = 10, Draws = 2, Seed = 1 },
    };
}
