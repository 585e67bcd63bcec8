using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Tests.Evaluation.Checks;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>Checks that probe the defenses of an evaluation.</summary>
public sealed class CheckStageTests
{
    private static readonly Func<double, Attack> s_pgd = epsilon => new Pgd(epsilon) { Steps = 10, Restarts = 1 };

    [Fact]
    public void A_defense_that_masks_its_gradients_is_suspicious_and_the_base_is_not()
    {
        using var plain = Digits.Network();
        using var rounded = Digits.Network(("round", new Rounding(32)));
        var report = Evaluation(plain, rounded).Run(Digits.Images(40));
        report.Findings.Where(finding => finding.Severity != Severity.Note).Should()
            .Contain(finding => finding.Defense == "rounded" && finding.Title == ModelCheck.ZeroGradients.Title);
        report.Verdicts[0].Because.Should().NotContain(ModelCheck.ZeroGradients.Title);
        report.Verdicts[1].Trust.Should().Be(Trustworthiness.Suspicious);
        report.Settings.Checks.Should().Equal(ModelCheck.Cheap.Select(check => check.Name));
        report.Defenses[1].Checks.Select(check => check.Check).Should()
            .BeEquivalentTo(ModelCheck.All.Select(check => check.Title), "checks that did not run are also reported");
        report.Defenses[1].Checks.Should().Contain(new CheckResult(ModelCheck.ZeroGradients.Title, CheckOutcome.Found, Severity.Warning, null));
        report.Defenses[0].Checks.Should().Contain(new CheckResult(ModelCheck.ZeroGradients.Title, CheckOutcome.Clear, null, null));
    }

    [Fact]
    public void Thorough_checks_take_the_attack_that_did_best_and_the_base_as_surrogate()
    {
        using var plain = Digits.Network();
        using var rounded = Digits.Network(("round", new Rounding(32)));
        var report = (Evaluation(plain, rounded, [ModelCheck.Transfer])).Run(Digits.Images(40));
        report.Findings.Should().ContainSingle(finding => finding.Title == ModelCheck.Transfer.Title).Which.Defense.Should().Be("rounded");
    }

    [Fact]
    public void An_empty_list_probes_nothing()
    {
        using var plain = Digits.Network();
        using var rounded = Digits.Network(("round", new Rounding(32)));
        var report = Evaluation(plain, rounded, []).Run(Digits.Images(40));
        report.Findings.Should().NotContain(finding => finding.Title == ModelCheck.ZeroGradients.Title);
        report.Settings.Checks.Should().BeEmpty();
    }

    [Fact]
    public void Work_started_with_other_checks_is_refused()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        grid.Json(folder.Path);
        var other = new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.06, 0.22]) { Draws = 3, Seed = 1, BlockSize = 5, Checks = [] };
        other.Invoking(of => of.Run(grid.Examples, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage("*checks was*");
    }

    [Fact]
    public void A_certified_example_that_an_attack_breaks_fails_the_evaluation_and_a_sound_certificate_does_not()
    {
        using var plain = Digits.Network();
        var model = Digits.Classifier(plain);
        var smoothing = new RandomizedSmoothing(model, 0.25) { EstimationDraws = 1000, Seed = 3 };
        using var scope = NewDisposeScope();
        var (images, _) = Digits.Images(16).Read(0, 16);
        var sound = smoothing.Certify(images);
        sound.Count(certificate => certificate.IsCertified).Should().BeGreaterThan(8, "there must be something to break");
        Certificate[] claimed = [.. sound.Select(certificate => certificate with { Radius = 5 })];   // a false claim

        Verdict(sound).Trust.Should().Be(Trustworthiness.Trustworthy);
        Verdict(claimed).ToString().Should().StartWith("invalid because: " + ModelCheck.BrokenCertificates.Title);
        Verdict(null).Trust.Should().Be(Trustworthiness.Trustworthy, "those that the check makes itself hold");

        DefenseVerdict Verdict(IReadOnlyList<Certificate>? certificates) => new RobustnessEvaluation(
            [new("smoothed", model) { Smoothing = smoothing, Certificates = certificates }],
                [new("PGD", epsilon => new Pgd(epsilon) { Norm = Norm.L2, Steps = 20, Restarts = 1 })], [8])
        {
            Seed = 1, Norm = Norm.L2, Checks = [],
        }.Run(Digits.Images(400)).Verdicts.Single();
    }

    [Fact]
    public void Other_certificates_are_other_work_and_need_their_classifier()
    {
        using var plain = Digits.Network();
        using var folder = new TemporaryFolder();
        var model = Digits.Classifier(plain);
        var smoothing = new RandomizedSmoothing(model, 0.25) { EstimationDraws = 100, Seed = 3 };
        Run([new Certificate(0, 1, 0.1, 0.9, 90, 100)], smoothing);
        FluentActions.Invoking(() => Run([new Certificate(0, 1, 0.2, 0.9, 90, 100)], smoothing)).Should().Throw<InvalidOperationException>()
            .WithMessage("*certificates*");
        FluentActions.Invoking(() => Run([new Certificate(0, 1, 0.2, 0.9, 90, 100)], null)).Should().Throw<ArgumentException>()
            .WithMessage("*must have Smoothing; 'smoothed' has none*");

        void Run(IReadOnlyList<Certificate> certificates, RandomizedSmoothing? by) => new RobustnessEvaluation(
            [new("smoothed", model) { Smoothing = by, Certificates = certificates }], [new("FGSM", epsilon => new Fgsm(epsilon))], [0.1]) { Seed = 1,
                Checks = [] }.Run(Digits.Images(8), folder.Path);
    }

    [Fact]
    public void The_chosen_attack_has_the_goal_of_the_checks()
    {
        using var plain = Digits.Network();
        var asked = new List<string>();
        var evaluation = new RobustnessEvaluation([new("plain", Digits.Classifier(plain))],
        [
            new("to the label", epsilon => Noted("targeted", new Pgd(epsilon) { Steps = 10, Restarts = 1 })) { Goal = labels =>
                Goal.Reach((labels + 1).remainder(10)) },
            new("L2", epsilon => Noted("L2", new Pgd(epsilon) { Norm = Norm.L2, Steps = 10, Restarts = 1 })),
                new("FGSM", epsilon => Noted("FGSM", new Fgsm(epsilon))),
        ], [0.1]) { Seed = 1, Checks = [ModelCheck.MoreSteps] };
        var report = evaluation.Run(Digits.Images(8));
        report.Settings.Attacks.Select(attack => attack.Goal).Should().Equal("goal of to the label", "avoid the label", "avoid the label");
        asked.TakeLast(2).Should().Equal("FGSM", "FGSM");   // the chosen attack, and its stronger copy

        Attack Noted(string name, Attack attack)
        {
            asked.Add(name);
            return attack;
        }
    }

    private static RobustnessEvaluation Evaluation(
        TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> plain,
        TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> rounded,
        IReadOnlyList<ModelCheck>? checks = null) =>
        new([new("plain", Digits.Classifier(plain)), new("rounded", Digits.Classifier(rounded))],
            [new("FGSM", epsilon => new Fgsm(epsilon)), new("PGD", s_pgd)], [0.1])
        {
            Seed = 1, Checks = checks ?? ModelCheck.Cheap,
        };
}
