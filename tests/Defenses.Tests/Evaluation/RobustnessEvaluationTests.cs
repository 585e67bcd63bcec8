using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class RobustnessEvaluationTests
{
    [Fact]
    public void A_model_with_known_distances_gets_the_rates_that_follow_from_them()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, _) = Threshold.Data(0.1, 0.3, 0.45, 0.55, 0.7, 0.95, 0.2);
        var labels = tensor(new long[] { 0, 0, 0, 1, 1, 1, 1 });   // the last is never recognised
        var report = new RobustnessEvaluation([new("none", network.Classifier())], [new("FGSM", epsilon => new Fgsm(epsilon))], [0.22, 0.06]) { BlockSize = 3 }
            .Run(LabeledImages.From(x, labels));
        var defense = report.Defenses.Single();
        defense.Accuracy.MeanDraw.Should().Be(new Proportion(6, 7));
        defense.Recognized.Should().Be(6);
        defense.Unprovoked!.WorstOfK.Should().Be(new Proportion(0, 6));
        defense.Strengths.Select(strength => strength.Epsilon).Should().Equal(0.06, 0.22);
        defense.Strengths.Select(strength => strength.Worst.Success!.MeanDraw).Should().Equal(new Proportion(2, 6), new Proportion(4, 6));
        defense.Strengths.Select(strength => strength.Worst.DefenseRate).Should().Equal(new Proportion(4, 6), new Proportion(2, 6));
        defense.Strengths.Select(strength => strength.Worst.Accuracy.Majority).Should().Equal(new Proportion(4, 7), new Proportion(2, 7));
        defense.Strengths.Select(strength => strength.Worst.AllImages.MeanDraw).Should().Equal(new Proportion(3, 7), new Proportion(5, 7));
        (defense.Strengths[0].Cells.Single().Outcome with { SuccessByPasses = [] }).Should().BeEquivalentTo(defense.Strengths[0].Worst);
        (defense.AccuracyLoss, defense.Strengths[0].Worst.Efficiency, defense.Strengths[0].Worst.PValue).Should().Be((null, null, null));
        report.Settings.Headline.Should().Be(0.22);
    }

    [Fact]
    public void For_each_image_the_worst_attack_counts_never_an_average()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, labels) = Threshold.Data(0.4, 0.45, 0.55, 0.9);
        AttackEntry[] attacks = [new("up", epsilon => new Shift(epsilon)), new("down", epsilon => new Shift(-epsilon))];
        var result = new RobustnessEvaluation([new("none", network.Classifier())], attacks, [0.1 - 1e-3, 0.2 - 1e-3]).Run(LabeledImages.From(x, labels))
            .Defenses[0].Strengths[0];
        result.Cells.Select(cell => cell.Outcome.Success!.MeanDraw.Successes).Should().Equal(1, 1);
        result.Worst.Success!.MeanDraw.Successes.Should().Be(2);
    }

    [Fact]
    public void The_report_names_the_strongest_attack_of_each_image_and_the_fewest_for_the_same_verdict()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, labels) = Threshold.Data(0.4, 0.45, 0.55, 0.9);
        AttackEntry[] attacks =
        [
            new("little", epsilon => new Shift(epsilon / 10)), new("up", epsilon => new Shift(epsilon)), new("down", epsilon => new Shift(-epsilon)),
            new("again", epsilon => new Shift(epsilon)), new("PGD", epsilon => new Pgd(epsilon) { Steps = 20, Restarts = 1 }),
        ];
        var both = Basis(attacks[..4]);
        (both.Broken, both.Needed.ToArray()).Should().BeEquivalentTo((3L, new[] { 1, 2 }));
        both.Attacks.Should().Equal(new AttackShare(0, 0, 0), new AttackShare(2, 2, 0), new AttackShare(1, 1, 1), new AttackShare(0, 2, 0));
        both.NeededPasses.Should().Be(both.Passes / 2, "all four cost the same");
        both.NextPasses.Should().Be(both.Passes, "they have no steps");
        var all = Basis(attacks);
        all.Needed.Should().Equal([4], "it breaks all three");
        (all.NextNeededPasses / all.NeededPasses).Should().BeApproximately(2, 1e-9);
        (all.Passes - all.NeededPasses).Should().BeApproximately(both.Passes, 1e-9);

        VerdictBasis Basis(AttackEntry[] entries)
        {
            var report = new RobustnessEvaluation([new("none", network.Classifier())], entries, [0.12]) { Seed = 1, BlockSize = 3, Checks = [] }
                .Run(LabeledImages.From(x, labels));
            report.ToMarkdown().Should().Contain("enough for the same verdict").And.Contain("down: 1");
            return report.Defenses[0].Strengths[0].Basis!;
        }
    }

    [Fact]
    public void Many_attacks_that_do_nothing_do_not_add_up_to_one_that_does()
    {
        using var scope = NewDisposeScope();
        var x = full([400, 4], 0.5);
        var labels = zeros([400], dtype: ScalarType.Int64);
        var attacks = Enumerable.Range(0, 6).Select(i => new AttackEntry($"idle {i}", _ => new Shift(0))).ToArray();
        var report = new RobustnessEvaluation([new("coin", new Classifier(new CoinFlip(0.9), Bounds.Unit))], attacks, [0.1]) { Draws = 5, Seed = 1 }
            .Run(LabeledImages.From(x, labels));
        var defense = report.Defenses[0];
        var noise = 4 * Math.Sqrt(0.09 / (5 * 400));
        defense.Accuracy.MeanDraw.Rate.Should().BeApproximately(0.9, noise);
        defense.Strengths[0].Worst.Accuracy.MeanDraw.Rate.Should().BeApproximately(0.9, noise, "the largest of six counts would say 0.67");
        defense.Strengths[0].Worst.Success!.MeanDraw.Rate.Should().BeApproximately(defense.Unprovoked!.MeanDraw.Rate, 2 * noise);
    }

    [Fact]
    public void A_random_defense_is_compared_with_the_base_on_the_same_images()
    {
        using var grid = new Grid();
        var report = grid.Evaluation(draws: 40).Run(grid.Examples);
        var (first, second) = (report.Defenses[0], report.Defenses[1]);
        (second.IsRandom, second.Family, second.Layers.Single()).Should().Be((true, "noise", "jitter: Jitter"));
        second.AccuracyLoss!.Value.Should().BeApproximately(first.Accuracy.MeanDraw.Rate - second.Accuracy.MeanDraw.Rate, 1e-12);
        foreach (var (strength, other) in second.Strengths.Zip(first.Strengths))
        {
            var efficiency = strength.Worst.Efficiency!;
            efficiency.RateGain.Value.Should().BeApproximately(strength.Worst.DefenseRate!.Rate - other.Worst.DefenseRate!.Rate, 1e-12);
            efficiency.AccuracyLoss.Value.Should().BeApproximately(second.AccuracyLoss.Value, 1e-12);
            strength.Worst.PValue.Should().BeInRange(0, 1);
            strength.Cells.Should().OnlyContain(cell => cell.SameAs == null && cell.Outcome.Efficiency != null);
        }
        report.Timing!.Forward.Select(cost => cost.Defense).Should().Equal("none", "jitter");
        report.Timing.Forward[0].Ratio.Should().Be(1);
    }

    [Fact]
    public void On_a_deterministic_model_the_views_of_randomness_are_run_once()
    {
        using var grid = new Grid();
        var model = grid.Defenses[0].Model;
        var report = new RobustnessEvaluation([new("none", model)], Grid.Attacks, [0.1]).Run(grid.Examples);
        var cells = report.Defenses[0].Strengths[0].Cells;
        cells.Select(cell => cell.SameAs).Should().Equal(null, "plain", "plain");
        cells.Select(cell => Grid.Bare(report with { Title = cell.Outcome.ToString() })).Distinct().Should().ContainSingle();
        report.Defenses[0].Strengths[0].Worst.BackwardPasses.Should().Be(1, "one FGSM is one backward pass");
    }

    [Fact]
    public void The_straight_through_view_is_run_where_a_layer_has_a_surrogate_and_only_there()
    {
        using var grid = new Grid();
        AttackEntry[] attacks = [new("FGSM", epsilon => new Fgsm(epsilon)), new("FGSM", epsilon => new Fgsm(epsilon), AttackerView.StraightThrough)];
        var report = new RobustnessEvaluation(grid.Defenses, attacks, [0.1]) { Draws = 5 }.Run(grid.Examples);
        report.Defenses.Select(defense => defense.Strengths[0].Cells[1].SameAs).Should().Equal("plain", null);
    }

    [Fact]
    public void Views_with_other_options_are_run_on_their_own()
    {
        using var grid = new Grid();
        AttackEntry[] attacks =
        [
            new("PGD", epsilon => new Pgd(epsilon) { Steps = 2, Restarts = 1 }),
                new("PGD", epsilon => new Pgd(epsilon) { Steps = 3, Restarts = 1 }, AttackerView.Eot(2)),
        ];
        var report = new RobustnessEvaluation([grid.Defenses[0]], attacks, [0.1]).Run(grid.Examples);
        report.Defenses[0].Strengths[0].Cells.Should().OnlyContain(cell => cell.SameAs == null);
    }

    [Fact]
    public void Neither_order_nor_company_changes_a_result()
    {
        using var grid = new Grid();
        using var other = new Threshold();
        var all = grid.Evaluation().Run(grid.Examples).Defenses[1].Strengths[1].Cells[1];
        var alone = new RobustnessEvaluation([grid.Defenses[0], new("other", other.Classifier()), grid.Defenses[1]], [.. Grid.Attacks.Reverse()],
            [0.1, 0.22])
            { Draws = 3, Seed = 1, BlockSize = 5 }.Run(grid.Examples).Defenses[2].Strengths[1].Cells[1];
        alone.Should().BeEquivalentTo(all);
    }

    [Fact]
    public void What_breaks_the_budget_the_bounds_or_arithmetic_is_no_attack_and_is_said()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, labels) = Threshold.Data(0.45, 0.45, 0.97);
        RobustnessEvaluation With(double amount) => new([new("none", network.Classifier())], [new("shift", _ => new Shift(amount))], [0.1]);
        foreach (var (amount, outside, fooled) in new[] { (0.09, 1, 2), (0.11, 3, 0), (double.NaN, 3, 0), (-0.1, 0, 0) })
        {
            var report = With(amount).Run(LabeledImages.From(x, labels));
            var outcome = report.Defenses[0].Strengths[0].Worst;
            (outcome.OutsideBudget, outcome.Success!.MeanDraw.Successes).Should().Be((outside, fooled), $"for {amount}");
            report.Findings.Any(finding => finding.Title.Contains("outside")).Should().Be(outside > 0);
        }
    }

    [Fact]
    public void Targets_count_as_success_only_when_reached()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, labels) = Threshold.Data(0.45, 0.55, 0.2);
        AttackEntry[] attacks = [new("to class 1", epsilon => new Fgsm(epsilon)) { Goal = of => Goal.Reach(ones_like(of)), GoalName = "class 1" }];
        var outcome = new RobustnessEvaluation([new("none", network.Classifier())], attacks, [0.1])
            .Run(LabeledImages.From(x, labels)).Defenses[0].Strengths[0].Worst;
        outcome.Success!.MeanDraw.Successes.Should().Be(2, "one was moved, one was there already");
        outcome.Accuracy.MeanDraw.Successes.Should().Be(2);
    }

    [Fact]
    public void Shows_one_image_of_each_defense_before_and_after()
    {
        using var grid = new Grid();
        var report = grid.Evaluation().Run(grid.Examples);
        report.Examples.Select(example => example.Defense).Should().Equal("none", "jitter");
        var example = report.Examples[0];
        (example.Index, example.Label, example.CleanPrediction, example.AdversarialPrediction, example.SuccessRate).Should().Be((1, "0", "0", "1", 1));
        (example.Channels, example.Height, example.Width, example.Epsilon).Should().Be((1, 4, 4, 0.22));
        example.Clean.Should().OnlyContain(pixel => pixel == 76 || pixel == 77).And.HaveCount(16);   // 0.3 · 255 = 76.5
        example.Adversarial.Should().OnlyContain(pixel => pixel == 133);                                     // 0.52 · 255 = 132.6
        example.Difference.Should().OnlyContain(pixel => pixel == 255);
        example.DifferenceScale.Should().BeApproximately(0.22, 1e-6);
    }

    [Fact]
    public void Vectors_have_no_pictures()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        new RobustnessEvaluation([new("none", network.Classifier())], Grid.Attacks, [0.1]).Run(LabeledImages.From(x, labels)).Examples.Should().BeEmpty();
    }

    [Fact]
    public void Findings_say_what_the_numbers_cannot_carry()
    {
        using var grid = new Grid();
        var titles = grid.Evaluation().Run(grid.Examples).Findings.Select(finding => finding.Title).ToArray();
        titles.Should().Contain(["Wide intervals", "Few draws", "The score has no bounds"]).And.NotContain("Recognises nothing");
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, labels) = Threshold.Data(Enumerable.Range(0, 1500).Select(i => i % 2 == 0 ? 0.45 : 0.55).ToArray());
        var strong = new RobustnessEvaluation([new("none", network.Classifier())], [new("FGSM", epsilon => new Fgsm(epsilon))], [0.1]) { BlockSize = 500 };
        strong.Run(LabeledImages.From(x, labels)).Findings.Should().BeEmpty("nothing is wrong with many images, a broken base and a deterministic model");
        var wrong = strong.Run(LabeledImages.From(x, 1 - labels));
        wrong.Findings.Should().Contain(finding => finding.Severity == Severity.Invalid && finding.Title == "Recognises nothing");
        wrong.Defenses[0].Strengths[0].Worst.Success.Should().BeNull();
        new RobustnessEvaluation([new("none", network.Classifier())], [new("FGSM", epsilon => new Fgsm(epsilon))], [0.01]) { BlockSize = 500 }
            .Run(LabeledImages.From(x, labels)).Findings.Should().ContainSingle(finding => finding.Title.Contains("do not break"));
    }

    [Fact]
    public void Leaves_no_tensor_and_no_change_behind()
    {
        using var grid = new Grid();
        var random = (nn.Module<Tensor, Tensor>)grid.Defenses[1].Classifier!.Network;
        var layer = random.StochasticLayers().Single().Layer;
        using var x = full([2, 1, 4, 4], 0.5);
        layer.Reseed(3);
        using var before = random.call(x);
        layer.Reseed(3);
        Leaks.None(() => grid.Evaluation().Run(grid.Examples));
        using var after = random.call(x);
        using var same = after.equal(before).all();
        same.ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Progress_goes_up_to_the_end_and_estimates_the_time_left()
    {
        using var grid = new Grid();
        using var steps = new Steps();
        grid.Evaluation().Run(grid.Examples, null, steps);
        steps.Reports.Select(step => step.Done).Should().BeInAscendingOrder();
        steps.Reports.Should().OnlyContain(step =>
            step.Total == 2 * (1 + 2 + 1 + 6) + 2, "for each block the clean images and the attacks, and then the checks of each defense");
        steps.Reports[0].Left.Should().BeNull();
        steps.Reports.Skip(1).Should().OnlyContain(step => step.Left >= TimeSpan.Zero);
        (steps.Reports[^1].Done, steps.Reports[^1].Left).Should().Be((22, TimeSpan.Zero));
        steps.Reports[1].Doing.Should().Be("none: FGSM, ε 0.06, images 0–4");
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        using var grid = new Grid();
        var (defenses, attacks) = (grid.Defenses, Grid.Attacks);
        Refuses(() => new RobustnessEvaluation(null!, attacks, [0.1]), "defenses");
        Refuses(() => new RobustnessEvaluation([], attacks, [0.1]), "defenses");
        Refuses(() => new RobustnessEvaluation([defenses[0], defenses[0]], attacks, [0.1]), "defenses");
        var network = defenses[0].Classifier!.Network;
        Refuses(() => new RobustnessEvaluation([defenses[0], new("other", new Classifier(network, new Bounds(0, 255)))], attacks, [0.1]), "defenses");
        Refuses(() => new RobustnessEvaluation([defenses[0], new("other", new Classifier(network, Bounds.Unit))], attacks, [0.1]), "defenses");
        Refuses(() => new RobustnessEvaluation(defenses, null!, [0.1]), "attacks");
        Refuses(() => new RobustnessEvaluation(defenses, [], [0.1]), "attacks");
        Refuses(() => new RobustnessEvaluation(defenses, [attacks[0], attacks[0]], [0.1]), "attacks");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, null!), "strengths");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, []), "strengths");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0]), "strengths");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1, 0.1]), "strengths");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [double.NaN]), "strengths");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1]) { Draws = 0 }, "Draws");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1]) { Confidence = 1 }, "Confidence");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1]) { Eta = 0 }, "Eta");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1]) { BlockSize = 0 }, "BlockSize");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1]) { Norm = null! }, "Norm");
        Refuses(() => new RobustnessEvaluation(defenses, attacks, [0.1]).Run(null!), "examples");
        Refuses(() => new DefenseEntry(" ", defenses[0].Model), "name");
        Refuses(() => new DefenseEntry("a", null!), "model");
        Refuses(() => new DefenseEntry("a", defenses[0].Model) { Cost = 0 }, "Cost");
        Refuses(() => new AttackEntry("", _ => new Shift(0)), "name");
        Refuses(() => new AttackEntry("a", null!), "make");
        Refuses(() => AttackerView.Eot(0), "draws");
        Refuses(() => new AttackerView("", (model, _) => model), "name");
        Refuses(() => new AttackerView("a", null!), "make");
        Refuses(() => new LabeledImages(0, (_, _) => default), "count");
        Refuses(() => new LabeledImages(1, null!), "read");
        Refuses(() => LabeledImages.From(null!, null!), "images");
    }

    [Fact]
    public void What_cannot_be_evaluated_is_said_before_any_work()
    {
        using var grid = new Grid();
        using var steps = new Steps();
        Fails(new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.1]) { HeadlineStrength = 0.2 }, "*HeadlineStrength*0.2*");
        Fails(new RobustnessEvaluation(grid.Defenses, [new("null", _ => null!)], [0.1]), "*'null'*");
        grid.Defenses[0].Classifier!.Network.train();
        Fails(new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.1]), "*eval()*");
        steps.Reports.Should().BeEmpty();

        void Fails(RobustnessEvaluation evaluation, string message) =>
            evaluation.Invoking(of => of.Run(grid.Examples, null, steps)).Should().Throw<InvalidOperationException>().WithMessage(message);
    }

    [Fact]
    public void A_reader_that_gives_too_few_images_is_named()
    {
        using var grid = new Grid();
        var few = new LabeledImages(9, (_, _) => (zeros(2, 1, 4, 4), zeros([2], dtype: ScalarType.Int64)));
        grid.Evaluation().Invoking(of => of.Run(few)).Should().Throw<InvalidOperationException>().WithMessage("*5 images*read function*");
    }

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);
}
