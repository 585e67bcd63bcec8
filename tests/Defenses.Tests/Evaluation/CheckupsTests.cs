using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Evaluation.Checks;

namespace Defenses.Tests.Evaluation;

/// <summary>Checks that probe the defenses of an evaluation.</summary>
public sealed class CheckupsTests
{
    private static readonly Func<double, Attack> s_pgd = epsilon => new Pgd(epsilon) { Steps = 10, Restarts = 1 };

    [Fact]
    public void A_defense_that_masks_its_gradients_is_suspicious_and_the_base_is_not()
    {
        using var plain = Digits.Network();
        using var rounded = Digits.Network(("round", new Rounding(32)));
        var report = Evaluation(plain, rounded).Run(Digits.Images(40));
        report.Findings.Where(finding => finding.Severity != Severity.Note).Should().Contain(finding => finding.Defense == "rounded" && finding.Title == new ZeroGradientsCheck().Title);
        report.Verdicts[0].Because.Should().NotContain(new ZeroGradientsCheck().Title);
        report.Verdicts[1].Trust.Should().Be(Trust.Suspicious);
        report.Settings.Checks.Should().Equal(ModelCheck.Cheap.Select(check => check.GetType().Name));
    }

    [Fact]
    public void Thorough_checks_take_the_attack_that_did_best_and_the_base_as_surrogate()
    {
        using var plain = Digits.Network();
        using var rounded = Digits.Network(("round", new Rounding(32)));
        var report = (Evaluation(plain, rounded, [new TransferCheck()])).Run(Digits.Images(40));
        report.Findings.Should().ContainSingle(finding => finding.Title == new TransferCheck().Title).Which.Defense.Should().Be("rounded");
    }

    [Fact]
    public void An_empty_list_probes_nothing()
    {
        using var plain = Digits.Network();
        using var rounded = Digits.Network(("round", new Rounding(32)));
        var report = Evaluation(plain, rounded, []).Run(Digits.Images(40));
        report.Findings.Should().NotContain(finding => finding.Title == new ZeroGradientsCheck().Title);
        report.Settings.Checks.Should().BeEmpty();
    }

    [Fact]
    public void Work_begun_with_other_checks_is_refused()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        grid.Json(folder.Path);
        var other = new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.06, 0.22]) { Draws = 3, Seed = 1, BlockSize = 5, Checks = [] };
        other.Invoking(of => of.Run(grid.Examples, folder.Path)).Should().Throw<InvalidOperationException>().WithMessage("*checks was*");
    }

    private static RobustnessEvaluation Evaluation(
        TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> plain, TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> rounded,
        IReadOnlyList<ModelCheck>? checks = null) =>
        new([new("plain", Digits.Classifier(plain)), new("rounded", Digits.Classifier(rounded))], [new("FGSM", epsilon => new Fgsm(epsilon)), new("PGD", s_pgd)], [0.1])
        {
            Seed = 1, Checks = checks ?? ModelCheck.Cheap,
        };
}
