using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Each example is charged for what it is looked at, and for nothing after it left.</summary>
public sealed class MeteredTests
{
    public static TheoryData<string> Attacks() => ["PGD that stops early", "PGD", "C&W", "BIM-A", "FAB", "trust region", "JSMA", "ARC"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void In_a_batch_an_example_is_charged_as_if_it_were_alone(string name)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(8);
        using var images = x;
        using var classes = labels;
        var attack = ByName(name);
        using var together = attack.Run(network.Classifier(), x, labels);
        for (var i = 0; i < 8; i++)
        {
            using var scope = NewDisposeScope();
            using var alone = attack.Run(network.Classifier(), x.narrow(0, i, 1), labels.narrow(0, i, 1));
            var learning = i == 0 ? 0 : 1;   // the first example of a run pays the look that tells the number of classes
            together.QueriesPerExample[i].Should().Be(alone.Queries - new Queries(learning, 0), $"example {i} of {name}");
        }

        together.QueriesPerExample.Aggregate((sum, one) => sum + one).Should().Be(together.Queries);
    }

    [Fact]
    public void Examples_that_leave_the_batch_early_are_charged_less()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(30);
        using var images = x;
        using var classes = labels;
        using var early = new Pgd(0.3) { Steps = 40, Restarts = 1, RandomStart = false, StopEarly = true, StepSize = 0.01 }
            .Run(network.Classifier(), x, labels);
        using var late = new Pgd(0.3) { Steps = 40, Restarts = 1, RandomStart = false, StepSize = 0.01 }.Run(network.Classifier(), x, labels);
        late.QueriesPerExample.Select(one => one.Backward).Should().OnlyContain(count => count == 40);
        for (var i = 0; i < 30; i++)
        {
            if (early.Met[i].ToBoolean()) early.QueriesPerExample[i].Backward.Should().BeLessThan(40);
            else early.QueriesPerExample[i].Backward.Should().Be(40);
        }

        early.QueriesPerExample.Select(one => one.Backward).Distinct().Count().Should().BeGreaterThan(3);
    }

    [Fact]
    public void A_draw_counts_as_a_pass_and_a_confirmation_only_for_those_confirmed()
    {
        using var coin = new CoinFlip(0.5);
        using var x = full([20, 3], 0.5);
        using var labels = zeros([20], dtype: ScalarType.Int64);
        using var result = new Pgd(0.1) { Steps = 3, Restarts = 1, StopEarly = true, Seed = 4, DecisionDraws = 9 }
            .Run(new Classifier(coin, Bounds.Unit), x, labels);
        foreach (var one in result.QueriesPerExample.Skip(1))
        {
            one.Backward.Should().BeInRange(1, 3);
            ((one.Forward - one.Backward) % 9).Should().Be(0, "looks beside the gradients come nine at a time");
        }

        result.QueriesPerExample.Select(one => one.Forward).Distinct().Count().Should().BeGreaterThan(1);
    }

    [Fact]
    public void A_limit_for_each_example_ends_the_run_when_the_first_has_spent_it()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(10);
        using var images = x;
        using var classes = labels;
        var live = Leaks.Live();
        var metered = new Metered(network.Classifier()) { MaxBackwardPerExample = 7 };
        ((Action)(() => new Pgd(0.1) { Steps = 40 }.Run(metered, x, labels))).Should().Throw<BudgetSpentException>().WithMessage("*7 backward*each example*")
            .Which.Spent.Backward.Should().Be(70);
        Leaks.Live().Should().Be(live);
        using var within = new Pgd(0.1) { Steps = 7, Restarts = 1 }.Run(metered, x, labels);
        within.QueriesPerExample.Should().OnlyContain(one => one.Backward == 7, "every run begins anew");
        using var through = new Pgd(0.1) { Steps = 7, Restarts = 1 }
            .Run(new Eot(new Metered(network.Classifier()) { MaxForwardPerExample = 20 }, 3), x, labels);
        ((Action)(() => _ = new Metered(network.Classifier()) { MaxForwardPerExample = 0 })).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Examples_that_are_done_do_not_spend_the_limit_of_the_others()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(30);
        using var images = x;
        using var classes = labels;
        var attack = new Pgd(0.3) { Steps = 40, Restarts = 1, RandomStart = false, StopEarly = true, StepSize = 0.01 };
        using var free = attack.Run(network.Classifier(), x, labels);
        var most = free.QueriesPerExample.Max(one => one.Backward);
        most.Should().BeGreaterThan(free.QueriesPerExample.Min(one => one.Backward));
        using var limited = attack.Run(new Metered(network.Classifier()) { MaxBackwardPerExample = most }, x, labels);
        limited.QueriesPerExample.Should().Equal(free.QueriesPerExample);
    }

    private static Attack ByName(string name) => name switch
    {
        "PGD that stops early" => new Pgd(0.3) { Steps = 30, Restarts = 1, RandomStart = false, StopEarly = true, StepSize = 0.02 },
        "PGD" => new Pgd(0.3) { Steps = 5, Restarts = 2, RandomStart = false },
        "C&W" => new CarliniWagner { SearchSteps = 2, Steps = 40, InitialConstant = 1 },
        "BIM-A" => new Bim(0.3) { Variant = BimVariant.First, Steps = 30 },
        "FAB" => new Fab { Steps = 5 },
        "trust region" => new TrustRegion { Steps = 100 },
        "JSMA" => new Jsma { Gamma = 1 },
        _ => new Arc(0.3) { Steps = 3, RandomStart = false },
    };
}
