using Defenses.Attacks;
using Defenses.Tests.Conventions;
using Defenses.Tests.Evaluation.Checks;

namespace Defenses.Tests.Attacks;

public sealed class KnowledgeTests
{
    [Fact]
    public void Every_attack_has_the_knowledge_of_its_row_in_the_documentation()
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "attacks.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .GroupBy(cells => cells[1].Trim(' ', '`').Split('(')[0]).ToDictionary(row => row.Key, row => row.First()[3].Trim());
        foreach (var attack in AttackEffortTests.All.Where(attack => attack is not WorstOf))
            rows[attack.GetType().Name].Split(';')[0].Should().Be(Letters(attack.Knowledge), $"the row of {attack.GetType().Name} has this knowledge");
    }

    [Fact]
    public void An_attack_of_attacks_has_the_knowledge_of_all_of_them()
    {
        new WorstOf(new Pgd(0.1), new Square(0.1), new Noise(0.1)).Knowledge.Should().Be(Knowledge.Gradient | Knowledge.Scores);
        new WorstOf(new Fgsm(0.1), new WorstOf(new HopSkipJump { Norm = Norm.Linf })).Knowledge.Should().Be(Knowledge.SingleStep | Knowledge.Decisions);
        new AutoAttackStandard(0.1).Knowledge.Should().Be(Knowledge.Gradient | Knowledge.Scores);
        new AutoAttackStandard(0.1) { Norm = Norm.L1 }.Knowledge.Should().Be(Knowledge.Gradient);
        new Transfer(Digits.Unprotected, new Pgd(0.1)).Knowledge.Should().Be(Knowledge.Decisions);
        new Transfer(Digits.Unprotected, new Noise(0.1)).Knowledge.Should().Be(Knowledge.None);
    }

    [Fact]
    public void Steps_and_draws_are_those_of_gradients()
    {
        Spent(new Fgsm(0.1)).Should().Be((1, 1));
        Spent(new Pgd(0.1) { Steps = 7 }).Should().Be((7, 1));
        Spent(new Square(0.1)).Should().Be((null, 1));
        Spent(new Jsma()).Should().Be((null, 1));
        Spent(new AutoAttackRandomized(0.1) { Steps = 9, Draws = 3 }).Should().Be((9, 3));
        Spent(new WorstOf(new Pgd(0.1) { Steps = 7 }, new AutoAttackRandomized(0.1) { Steps = 9, Draws = 3 }, new Square(0.1))).Should().Be((9, 3));
        Spent(new WorstOf(new Square(0.1))).Should().Be((null, 1));
        Spent(new Transfer(Digits.Unprotected, new Pgd(0.1))).Should().Be((null, 1), "its steps are along the gradient of the source");
    }

    [Fact]
    public void What_follows_from_the_options_is_not_printed_among_them()
    {
        $"{new Fgsm(0.1) { Seed = 3 }}".Should().Be("Fgsm { Seed = 3, DecisionDraws = 11, Norm = Linf, Epsilon = 0.1, Loss = cross-entropy }");
        foreach (var attack in AttackEffortTests.All)
            $"{attack}".Should().NotContain(nameof(Knowledge)).And.NotContain(nameof(Attack.GradientSteps)).And.NotContain(nameof(Attack.GradientDraws));
    }

    private static (int?, int) Spent(Attack attack) => (attack.GradientSteps, attack.GradientDraws);

    private static string Letters(Knowledge knowledge)
    {
        var letters = new List<string>();
        if (knowledge.FollowsGradients()) letters.Add("G");
        if (knowledge.HasFlag(Knowledge.Scores)) letters.Add("S");
        if (knowledge.HasFlag(Knowledge.Decisions)) letters.Add("D");
        return letters.Count == 0 ? "–" : string.Join(' ', letters);
    }
}
