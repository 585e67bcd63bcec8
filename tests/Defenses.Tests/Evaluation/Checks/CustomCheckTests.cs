using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>Checks that derive from the bases outside the library stand beside its own.</summary>
public sealed class CustomCheckTests
{
    [Fact]
    public void A_custom_check_of_a_model_is_given_what_the_named_ones_are_given()
    {
        using var network = Digits.Network();
        var checkup = new ModelCheckup(0.2) { Checks = [new NoiseCheck(), ModelCheck.Recognition], Seed = 1 };
        var diagnosis = checkup.Diagnose(Digits.Classifier(network), Digits.Images(32));
        diagnosis.Findings.Should().ContainSingle().Which.Should().Match<Finding>(found => found.Title == "Noise" && found.Reason.StartsWith("Of "));
        diagnosis.Checks.Select(check => check.Check).Should().StartWith([ModelCheck.Recognition.Title, "Noise"], "gates come first");
        var norm = checkup with { Norm = Norm.L1 };
        norm.Diagnose(Digits.Classifier(network), Digits.Images(8)).Checks.Should()
            .Contain(check => check.Check == "Noise" && check.Reason == "it knows L∞ only");
    }

    [Fact]
    public void A_custom_gate_that_finds_a_model_invalid_stops_the_others()
    {
        using var network = Digits.Network();
        var diagnosis = new ModelCheckup(0.1) { Checks = [ModelCheck.ZeroGradients, new Closed()] }.Diagnose(Digits.Classifier(network), Digits.Images(8));
        diagnosis.Findings.Should().ContainSingle().Which.Title.Should().Be("Closed");
        diagnosis.Checks.Should().Contain(check => check.Check == ModelCheck.ZeroGradients.Title && check.Reason == "“Closed” was found before");
    }

    [Fact]
    public void A_report_notes_custom_checks_by_the_name_that_they_give()
    {
        using var network = Digits.Network();
        var attack = new AttackEntry("FGSM", epsilon => new Fgsm(epsilon));
        var evaluation = new RobustnessEvaluation([new DefenseEntry("plain", Digits.Classifier(network))], [attack], [0.1])
        {
            Seed = 1, Checks = [new NoiseCheck(), ModelCheck.BrokenCertificates],
        };
        evaluation.Run(Digits.Images(16)).Settings.Checks.Should().Equal("Noise in Linf", "BrokenCertificatesCheck");
    }

    [Fact]
    public void A_custom_check_of_a_report_names_the_defense()
    {
        var report = new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.1, 0.2])] }.Report();
        new Thorough().Inspect(report).Should().ContainSingle().Which.Should()
            .Be(new Finding(Severity.Note, "Few images", "Only 500 images were evaluated.", "Evaluate more.", "d"));
    }

    // Compares the attack in question with noise.
    private sealed class NoiseCheck : ModelCheck
    {
        public override string Name => "Noise in Linf";

        public override string Title => "Noise";

        public override bool IsCheap => false;

        protected internal override string? WhyNot(CheckContext context) => context.Norm == Norm.Linf ? null : "it knows L∞ only";

        protected override IEnumerable<Finding> ProbeCore(CheckContext context)
        {
            var (fooled, noise) = (context.FooledByAttack, context.Fooled(new Noise(context.Epsilon), context.SeenThrough(AttackerView.Plain)));
            yield return Finding(Severity.Note, $"Of {context.Count} images the attack fools {fooled.Count(each => each)}, noise {noise.Count(each => each)}.",
                $"The largest change has size {context.LargestChange:F0}.");
        }
    }

    private sealed class Closed : ModelCheck
    {
        public override string Title => "Closed";

        protected internal override bool IsGate => true;

        protected override IEnumerable<Finding> ProbeCore(CheckContext context) => [Finding(Severity.Invalid, $"It finds every model invalid.", "Nothing.")];
    }

    private sealed class Thorough : ReportCheck
    {
        public override string Title => "Few images";

        protected override IEnumerable<Finding> InspectCore(EvaluationReport report) => report.Defenses.Where(_ => report.Settings.Images < 1000)
            .Select(defense => Finding(Severity.Note, $"Only {report.Settings.Images} images were evaluated.", "Evaluate more.", defense));
    }
}
