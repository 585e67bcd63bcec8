using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>An attack that runs another attack several times. Finished examples are removed; the others keep the point with the largest margin.</summary>
/// <remarks>The other attack runs on this attack's run, so that streams, decisions and counts are one.</remarks>
public sealed record BestOf(Attack Inner, int Times) : Attack
{
    public int Times { get; init => field = AtLeastOne(value); } = AtLeastOne(Times);

    public override Norm Norm { get; init; } = Inner.Norm;

    public override Knowledge Knowledge => Inner.Knowledge;

    public override int? GradientSteps => Inner.GradientSteps;

    public override int GradientDraws => Inner.GradientDraws;

    public override bool IsRoundingSensitive => Inner.IsRoundingSensitive;

    public override bool AscendsCrossEntropy => Inner.AscendsCrossEntropy;

    public override Attack WithDefaultStepSize() => this with { Inner = Inner.WithDefaultStepSize() };

    protected override Attack? Strengthen(AttackEffort effort, int factor) => effort == AttackEffort.Restarts
        ? this with { Times = Times * factor }
        : Inner.WithMore(effort, factor) is { } more ? this with { Inner = more } : null;

    protected override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, run.Original);
        for (var time = 0; time < Times && active.Count > 0; time++)
        {
            using var inner = NewDisposeScope();
            var left = active.Remaining;
            var found = left.Perturb(Inner);
            var better = Margin(left, found) > Margin(left, active.Points);
            active.Move(where(better.view([active.Count, .. Enumerable.Repeat(1L, (int)found.dim() - 1)]), found, active.Points));
            active.RetireWhere(left.IsMet(active.Points, left.Goal));
        }
        return active.Results().MoveToOuterDisposeScope();
    }

    private static int AtLeastOne(int times) =>
        times >= 1 ? times : throw new ArgumentOutOfRangeException(nameof(Times), times, "Times must be at least 1.");

    private static Tensor Margin(AttackRun run, Tensor x) => run.Goal.Margin(run.Model.Logits(x));
}

public sealed class BestOfTests : AttackContract<BestOf>
{
    protected override double? Budget => 0.3;

    protected override BestOf Create() => new(new Pgd(0.3) { Steps = 10, Restarts = 1 }, 3);

    protected override BestOf Scaled(BestOf attack, Bounds bounds) => new(new Pgd(0.3 * bounds.Range) { Steps = 10, Restarts = 1 }, 3);

    [Fact]
    public void Restarts_find_what_one_start_misses_and_cost_only_those_that_are_left()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(40);
        using var images = x;
        using var classes = labels;
        var one = new Noise(0.3) { Tries = 1 };
        using var once = new BestOf(one, 1) { Seed = 2 }.Run(network.Classifier(), x, labels);
        using var often = new BestOf(one, 20) { Seed = 2 }.Run(network.Classifier(), x, labels);
        Numbers.Of(often.Met).Sum().Should().BeGreaterThan(Numbers.Of(once.Met).Sum());
        often.QueriesPerExample.Aggregate((sum, each) => sum + each).Should().Be(often.Queries);
        var met = Numbers.Of(often.Met);
        often.QueriesPerExample.Where((_, example) => met[example] == 1).Max(each => each.Forward).Should().BeGreaterThan(
            often.QueriesPerExample.Where((_, example) => met[example] == 1).Min(each => each.Forward), "a finished example makes no more passes");
    }

    [Fact]
    public void It_says_of_itself_what_the_other_attack_says()
    {
        var attack = new BestOf(new Pgd(0.3) { StepSize = 0.001 }, 2);
        (attack.Knowledge, attack.GradientSteps, attack.AscendsCrossEntropy).Should().Be((Knowledge.Gradient, 100, true));
        attack.WithMore(AttackEffort.Restarts, 3).Should().Be(attack with { Times = 6 });
        attack.WithMore(AttackEffort.Steps, 2).Should().Be(attack with { Inner = new Pgd(0.3) { StepSize = 0.001, Steps = 200 } });
        attack.WithMore(AttackEffort.Draws, 2).Should().BeNull();
        attack.WithDefaultStepSize().Should().Be(attack with { Inner = new Pgd(0.3) });
    }
}
