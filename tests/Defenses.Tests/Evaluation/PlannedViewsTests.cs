using System.Text.Json.Nodes;
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Tests.Evaluation.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>What a plan's views are to an evaluation and its checks.</summary>
public sealed class PlannedViewsTests
{
    [Theory]
    [InlineData("fixed draw")]
    [InlineData("20 fixed draws")]
    public void A_folder_started_by_a_plan_is_refused_on_a_network_with_other_numbered_draws(string view) =>
        RefusesOtherDraws(model => AttackEntry.From(AdaptiveAttacks.For(model)).First(entry => entry.View.Name == view).View);

    [Fact]
    public void So_is_one_started_with_a_custom_deterministic_view() =>
        RefusesOtherDraws(_ => new AttackerView("draw 7", (model, _) => new FixedDraw(model, 7)));

    private static void RefusesOtherDraws(Func<Classifier, AttackerView> view)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var (x, labels) = Threshold.Data(0.1, 0.3, 0.45, 0.52, 0.7, 0.9);
        Run(5);
        Run(5);
        ((Action)(() => Run(6))).Should().Throw<InvalidOperationException>().WithMessage("*Reseed(seed)*");

        void Run(ulong seed)
        {
            var jitter = new GaussianNoise(0.1);
            jitter.Reseed(seed);
            using var network = nn.Sequential(("jitter", jitter), ("threshold", new Threshold()));
            network.eval();
            var model = new Classifier(network, Bounds.Unit);
            var quick = new AttackEntry("FGSM", epsilon => new Fgsm(epsilon), view(model));
            new RobustnessEvaluation([new("jitter", model)], [quick], [0.1]) { Draws = 3, Seed = 1, Checks = [] }.Run(LabeledImages.From(x, labels, "levels"),
                folder.Path);
        }
    }

    [Fact]
    public void The_check_of_gradient_noise_counts_the_draws_of_a_plans_view()
    {
        using var network = Digits.Network(("rough", new RoughGradient(30)));
        var found = Find(network, ModelCheck.GradientNoise, new ModelCheckup(0.1) { View = Planned(network, "EOT 20") });
        found.Should().ContainSingle().Which.Reason.Should().StartWith("Averaged over 20 draws");
    }

    [Fact]
    public void The_check_of_draws_sets_more_of_them_against_a_plans_view()
    {
        using var network = Digits.Network(("rough", new RoughGradient(30)));
        var checkup = new ModelCheckup(0.15) { View = Planned(network, "EOT 20"), Attack = epsilon => new Pgd(epsilon) { Steps = 10, Restarts = 1 } };
        Find(network, ModelCheck.MoreDraws, checkup).Should().ContainSingle();
    }

    [Fact]
    public void A_report_says_what_its_attacks_and_views_say_of_themselves()
    {
        using var grid = new Grid();
        AttackEntry[] attacks =
        [
            new("PGD", epsilon => new Pgd(epsilon) { Steps = 2, Restarts = 1 }, AttackerView.StraightThrough.AveragedOver(3)),
            new("mine", _ => new Mine(Knowledge.Scores | Knowledge.SingleStep, 1, 4),
                new AttackerView("my view", (model, _) => new Eot(model, 5)) { Draws = 5 }),
        ];
        var report = new RobustnessEvaluation(grid.Defenses, attacks, [0.06]) { Draws = 3, Seed = 1, Checks = [] }.Run(grid.Examples);
        var read = EvaluationReport.FromJson(report.ToJson());
        foreach (var settings in new[] { report.Settings, read.Settings })
            settings.Attacks.Select(attack => (attack.Knowledge, attack.Steps, attack.Draws, attack.Norm, attack.Averages)).Should().Equal(
                (Knowledge.Gradient, 2, 3, "Linf", "straight through"), (Knowledge.Scores | Knowledge.SingleStep, 1, 20, "Linf", "my view"));
        report.ToJson().Should().Contain("\"knowledge\": \"gradient\"").And.Contain("\"knowledge\": \"scores, singleStep\"");
    }

    [Fact]
    public void A_report_of_an_earlier_version_is_read_without_what_it_does_not_say()
    {
        using var grid = new Grid();
        var json = JsonNode.Parse(Grid.Bare(grid.Evaluation().Run(grid.Examples)))!;
        foreach (var attack in json["settings"]!["attacks"]!.AsArray())
            foreach (var field in new[] { "knowledge", "steps", "draws", "norm", "averages" })
                attack!.AsObject().Remove(field).Should().BeTrue();
        var report = EvaluationReport.FromJson(json.ToJsonString());
        report.Settings.Attacks.Should().OnlyContain(attack => attack.Knowledge == null && attack.Steps == null && attack.Draws == null);
        ReportCheck.InspectAll(report).Select(finding => finding.Title).Should().NotContain([ReportCheck.MissingEot.Title, ReportCheck.FewSteps.Title]);
    }

    private static AttackerView Planned(nn.Module<Tensor, Tensor> network, string view) =>
        AttackEntry.From(AdaptiveAttacks.For(Digits.Classifier(network))).First(entry => entry.View.Name == view).View;

    private static IReadOnlyList<Finding> Find(nn.Module<Tensor, Tensor> network, ModelCheck check, ModelCheckup checkup) =>
        (checkup with { Checks = [check], Seed = 1 }).Run(Digits.Classifier(network), Digits.Images(32));
}
