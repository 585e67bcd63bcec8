using System.Reflection;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Evaluation.Checks;

namespace Defenses.Tests.Attacks;

public sealed class AttackEffortTests
{
    internal static IReadOnlyList<Attack> All { get; } =
    [
        new AdamPgd(0.1), new Apgd(0.1), new Arc(0.1), new AutoAttackRandomized(0.1), new AutoAttackStandard(0.1), new Bim(0.1), new BoundaryAttack(),
            new CarliniWagner(), new CwPgd(0.1),
        new DeepFool(), new Fab(), new Fgsm(0.1), new GeoDA(), new HopSkipJump(), new Jsma(), new Nes(0.1), new Noise(0.1), new OptMargin(0.1),
            new Pgd(0.1), new RayS(), new SimBA(0.1), new Spsa(0.1), new Square(0.1),
        new Transfer(Digits.Unprotected, new Pgd(0.1)), new TransferPgd(0.1) { RandomStart = true },
            new TransferWithValidation(Digits.Unprotected, [Digits.Unprotected], new Pgd(0.1)), new TrustRegion(), new WorstOf(new Pgd(0.1)),
        new Alma(), new Ddn(), new Fmn(), new Pdpgd(), new SigmaZero(), new Smallest(new Pgd(0.1)), new SmallestOf(new Ddn()),
            new SuperDeepFool(),
    ];

    [Fact]
    public void Every_attack_of_the_library_is_in_the_list() => All.Select(attack => attack.GetType()).Should()
        .BeEquivalentTo(typeof(Attack).Assembly.GetTypes().Where(type => type.IsPublic && type.IsSubclassOf(typeof(Attack)) && !type.IsAbstract));

    [Theory]
    [InlineData(AttackEffort.Steps, "Steps")]
    [InlineData(AttackEffort.Steps, "Candidates")]
    [InlineData(AttackEffort.Steps, "Queries")]
    [InlineData(AttackEffort.Restarts, "Restarts")]
    [InlineData(AttackEffort.Restarts, "Tries")]
    [InlineData(AttackEffort.Draws, "Draws")]
    public void An_attack_that_has_the_option_gets_three_times_as_much_and_keeps_everything_else(AttackEffort effort, string option)
    {
        string[] efforts = ["Steps", "Candidates", "Queries", "Restarts", "Tries", "Draws", nameof(Attack.GradientSteps), nameof(Attack.GradientDraws)];
        foreach (var attack in All.Where(attack => Option(attack, option) is not null))
        {
            var more = attack.Strengthen(effort, 3)!;
            Option(more, option).Should().Be(3 * Option(attack, option), $"{attack} has {option}");
            foreach (var property in attack.GetType().GetProperties().Where(property => !efforts.Contains(property.Name)))
                property.GetValue(more).Should().Be(property.GetValue(attack), $"{property.Name} of {attack} must not change");
        }
    }

    [Fact]
    public void Attacks_within_attacks_are_strengthened()
    {
        Within(new Transfer(Digits.Unprotected, new Pgd(0.1))).Should().Be(300);
        Within(new Smallest(new Pgd(0.1))).Should().Be(300);
        Within(new TransferWithValidation(Digits.Unprotected, [Digits.Unprotected], new Pgd(0.1))).Should().Be(300);
        var both = (WorstOf)new WorstOf(new Pgd(0.1), new Noise(0.1)) { Seed = 4, DecisionDraws = 3, Loss = Loss.Dlr }.Strengthen(AttackEffort.Steps, 3)!;
        both.Attacks.Should().Equal(new Pgd(0.1) { Steps = 300 }, new Noise(0.1));
        (both.Seed, both.DecisionDraws, both.Loss).Should().Be((4UL, 3, Loss.Dlr));
        new WorstOf(new Noise(0.1)).Strengthen(AttackEffort.Steps, 3).Should().BeNull("noise takes no steps");
        new WorstOf(new Pgd(0.1), new AutoAttackRandomized(0.1)).Strengthen(AttackEffort.Draws, 3).Should().BeNull("the first averages by its view only");
        new WorstOf(new AutoAttackRandomized(0.1)).Strengthen(AttackEffort.Draws, 3).Should().BeOfType<WorstOf>().Which.Attacks.Should()
            .Equal(new AutoAttackRandomized(0.1) { Draws = 60 });

        static int Within(Attack attack) =>
            ((Pgd)attack.Strengthen(AttackEffort.Steps, 3)!.GetType().GetProperty("Attack")!.GetValue(attack.Strengthen(AttackEffort.Steps, 3))!).Steps;
    }

    [Fact]
    public void A_stronger_attack_has_at_least_ten_steps()
    {
        new Fgsm(0.1) { Seed = 3 }.Strengthen(AttackEffort.Steps, 2).Should().Be(new Pgd(0.1) { Steps = 10, Restarts = 1, Seed = 3 });
        new Pgd(0.1) { Steps = 2 }.Strengthen(AttackEffort.Steps, 2).Should().Be(new Pgd(0.1) { Steps = 10 });
    }

    [Fact]
    public void An_attack_without_the_option_gives_null()
    {
        new Pgd(0.1) { RandomStart = false }.Strengthen(AttackEffort.Restarts, 4).Should().BeNull("all ascents would be the same");
        new TransferPgd(0.1).Strengthen(AttackEffort.Restarts, 4).Should().BeNull("all ascents would start at the image");
        new AdamPgd(0.1) { CornerStart = true }.Strengthen(AttackEffort.Restarts, 4).Should().BeNull();
        new Jsma { Gamma = 0.3 }.Strengthen(AttackEffort.Steps, 2).Should().Be(new Jsma { Gamma = 0.6 });
        new Jsma { Gamma = 1 }.Strengthen(AttackEffort.Steps, 2).Should().BeNull("every element may change already");
        new Pgd(0.1).Strengthen(AttackEffort.Draws, 2).Should().BeNull("the view averages, not the attack");
    }

    [Fact]
    public void A_fixed_step_becomes_the_default_step()
    {
        new Pgd(0.1) { StepSize = 0.001 }.WithDefaultStepSize().Should().Be(new Pgd(0.1));
        new AdamPgd(0.1) { LearningRate = 0.001 }.WithDefaultStepSize().Should().Be(new AdamPgd(0.1));
        new Arc(0.1) { StepSize = 0.001 }.WithDefaultStepSize().Should().Be(new Arc(0.1));
        ((WorstOf)new WorstOf(new Bim(0.1) { StepSize = 0.001 }).WithDefaultStepSize()).Attacks.Should().Equal(new Bim(0.1));
        new Transfer(Digits.Unprotected, new Nes(0.1) { StepSize = 0.001 }).WithDefaultStepSize().Should().Be(new Transfer(Digits.Unprotected, new Nes(0.1)));
    }

    [Fact]
    public void Ensembles_ascend_cross_entropy_where_all_of_them_do()
    {
        new WorstOf(new Pgd(0.1), new Bim(0.1)).AscendsCrossEntropy.Should().BeTrue();
        new WorstOf(new Pgd(0.1), new CwPgd(0.1)).AscendsCrossEntropy.Should().BeFalse();
    }

    private static int? Option(Attack attack, string name) =>
        attack.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance)?.GetValue(attack) as int?;
}
