using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed class AttackWordsTests
{
    [Theory]
    [InlineData("Pgd { Seed = , DecisionDraws = 11, Norm = Linf, Epsilon = 0.25, Loss = cross-entropy, Steps = 3, StepSize = , Restarts = 1, " +
        "RandomStart = True, StopEarly = False }", "11 decision draws, loss cross-entropy, 3 steps, 1 restart, random start")]
    [InlineData("Deep { Norm = L2, StepSize = 0.0123456, EOTDraws = 5 }", "norm L2, step size 0.01235, 5 EOT draws")]
    [InlineData("Worst { Attacks = [Pgd { Steps = 3, Norm = L2 }, Fgsm { }] } within values in [0, 1]",
        "attacks ([Pgd { Steps = 3, Norm = L2 }, Fgsm { }]) within values in [0, 1]")]
    [InlineData("Noise { Epsilon = 0.1 }", "")]
    [InlineData("my attack, as I wrote it", "my attack, as I wrote it")]
    [InlineData("}{", "}{")]
    public void A_printed_record_becomes_words(string options, string words) => AttackWords.Of(options, "Linf").Should().Be(words);

    [Fact]
    public void The_options_of_the_attacks_of_the_library_hold_no_record_on_the_page()
    {
        foreach (var attack in new Attack[] { new Pgd(0.1), new CwPgd(0.1), new Fgsm(0.1), new Square(0.1), new Apgd(0.1), new DeepFool(), new HopSkipJump() })
            AttackWords.Of($"{attack}", "Linf").Should().NotContain("{").And.NotContain("=").And.NotContain("Seed");
    }

    [Fact]
    public void Views_with_the_same_options_share_one_entry()
    {
        var report = GoldenReport.Make();
        var entries = EvaluationPage.From(report).Sections[^1].Method;
        entries.Should().ContainSingle(entry => entry.Name == "PGD (plain, EOT 10)").Which.Value.Should().Be("avoid the label; strength 1");
        entries.Should().OnlyContain(entry => !entry.Value.Contains(" = 1"));
    }
}
