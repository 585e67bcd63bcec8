using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

public sealed class JumpProtocolTests
{
    [Fact]
    public void Images_are_normalised_for_the_network_and_the_bounds_with_them()
    {
        using var scope = NewDisposeScope();
        var pixels = tensor(new[,] { { 0f, 0.1307f, 1f } });
        var (images, _) = new NormalizedData(new TensorData(pixels, zeros(1, dtype: ScalarType.Int64)), Normalization.Mnist).Batch([0]);
        Numbers.Of(images).Should().SatisfyRespectively(
            low => low.Should().BeApproximately(Normalization.Mnist.Bounds.Lower, 1e-6), mean => mean.Should().BeApproximately(0, 1e-6),
            high => high.Should().BeApproximately((1 - 0.1307) / 0.3081, 1e-6));
        Normalization.Mnist.Bounds.Range.Should().BeApproximately(1 / 0.3081, 1e-12);
    }

    [Fact]
    public void Colours_have_bounds_that_hold_every_normalised_pixel()
    {
        using var scope = NewDisposeScope();
        foreach (var pixel in new[] { 0, 1 })
        {
            var fed = Normalization.Cifar10.Apply(full([1, 3, 2, 2], pixel, dtype: ScalarType.Float32));
            fed.min().ToDouble().Should().BeGreaterThanOrEqualTo(Normalization.Cifar10.Bounds.Lower - 1e-6);
            fed.max().ToDouble().Should().BeLessThanOrEqualTo(Normalization.Cifar10.Bounds.Upper + 1e-6);
        }
        Normalization.Cifar10.Unit.Should().BeApproximately((0.2023 + 0.1994 + 0.2010) / 3, 1e-12);
    }

    [Theory]
    [InlineData("mnist", false, 40, 0.6)]
    [InlineData("cifar10", true, 7, 0.3)]   // random κ in [0.3, 0.5] around 0.4
    public void Network_thresholds_and_steps_fit_the_data_set(string key, bool isColor, int steps, double low)
    {
        using var data = Sets.Noise(key, isColor);
        var task = JumpTask.For(data);
        task.Steps.Should().Be(steps);
        (0.6 * task.Jump.High).Should().BeApproximately(low, 1e-12);
        using var network = task.Network(1);
        using var images = data.Test.Images(0, 2);
        using var logits = network.call(images);
        logits.shape.Should().Equal(2, 10);
    }

    [Fact]
    public void The_papers_pgd_stops_at_the_first_misread_step_and_no_ball_holds_it_back()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2, scale: 0.2);
        var (x, labels) = model.Data(200);
        var difference = (model.Weight[1] - model.Weight[0]).detach();
        var logits = model.call(x).detach();
        var needed = (logits.select(1, 1) - logits.select(1, 0)).abs() / difference.abs().sum();
        const double step = 0.003081;
        using var result = PaperAttack.Pgd(0.3081, 40).Attack.Run(model.Classifier(), x, labels);
        var expected = (needed / step).ceil().clamp(1, 40) * step;
        var reached = Norm.Linf.Size(result.Adversarial - x);
        (reached - expected).abs().max().ToDouble().Should().BeLessThan(step + 1e-4, "an image on a boundary may need one step more");
        reached.max().ToDouble().Should().BeGreaterThan(39 * step, "some image stands 40 steps or more away");
        result.Met.eq(needed < 39 * step).logical_or((needed - 40 * step).abs() < 2 * step).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void On_thresholds_that_are_not_drawn_every_view_but_the_plain_one_is_a_view_of_its_own()
    {
        using var network = nn.Sequential(nn.Linear(4, 3), new Defenses.Layers.JumpReLU(1), nn.Linear(3, 2));
        network.eval();
        var model = new Classifier(network, Bounds.Unit);
        JumpAttacks.Attacks(JumpSizes.Of("smoke", isColor: false), model)
            .Should().HaveCount(6).And.NotContain(entry => entry.View != AttackerView.Plain && entry.View.IsPlainOn(model));
    }

    [Theory]
    [InlineData(90, 20, true)]
    [InlineData(90, 88, false)]
    public void A_threshold_that_only_hides_the_gradient_is_named(int plain, int adaptive, bool hides)
    {
        var page = Page(plain, adaptive, left: 0);
        page.Findings.Any(finding => finding.Title == "The jump hides the gradient: the plain network" && finding.Defense == "JumpReLU κ 1").Should().Be(hides);
        page.Findings.Should().NotContain(finding => finding.Defense == "ReLU");
        page.ToMarkdown().Should().Contain("JumpReLU κ 1").And.Contain("ρ TR").And.Contain("straight through");
    }

    [Theory]
    [InlineData(30, 25, "A gain over rectifiers is left")]
    [InlineData(30, 0, "is masking")]
    [InlineData(0, 0, "nothing that can be told from chance")]
    public void What_is_left_of_a_gain_is_told(int seeming, int left, string words)
    {
        var page = Page(50 + seeming, 50 + left, left, seeming);
        page.Findings.Should().ContainSingle(finding => finding.Title.Contains(words) && finding.Defense == "JumpReLU κ 1");
        page.Title.Should().MatchRegex($@": {left} \[[−\d, ]+\] points where plain PGD shows {seeming} \[");
        page.Lead.Should().Contain(sentence => sentence.StartsWith("The plain network, within ε = 0.2")
            && sentence.Contains($"{50 + seeming}\u202F% with jumps") && sentence.EndsWith($"{50 + left}\u202F%."));
        page.Lead.Should().Contain(sentence => sentence.StartsWith("The robust-trained network"), "its gains are others");
        page.ToMarkdown().Should().NotContain("{ ", "attacks are told in words");
    }

    [Fact]
    public void What_each_attack_leaves_is_drawn_as_it_is_in_the_report()
    {
        var figures = Page(90, 20, left: 5).Sections.Single(section =>
            section.Title == "Attacks that know of the jump: the plain network").Figures.OfType<CurveFigure>().ToArray();
        figures.Select(figure => figure.Title).Should().Equal("What each attack leaves over ε: ReLU", "What each attack leaves over ε: JumpReLU κ 1");
        figures[1].Series.Select(series => (series.Name, series.Points.Single().X, series.Points.Single().Y)).Should()
            .Equal(("PGD", 0.2, 0.9), ("PGD, straight through", 0.2, 0.2));
    }

    [Theory]
    [InlineData("mnist", false)]
    [InlineData("cifar10", true)]
    public void The_papers_numbers_stand_beside_ours_and_the_paper_preset_has_its_settings(string key, bool isColor)
    {
        using var data = Sets.Noise(key, isColor);
        var task = JumpTask.For(data);
        var paper = new JumpPaper(JumpSizes.Of("paper", isColor), task);
        foreach (var (what, ours, theirs) in paper.Settings()
            .Where(each => each.Paper is not null && !(isColor && each.What.Contains("plain network"))))   // one number of epochs for both networks
            ours.Should().Be(theirs!.Value, what);
        var jump = JumpModel.NameOf(task.Jump.Kappa);
        var random = FormattableString.Invariant($"robust, random κ in [{0.6 * task.Jump.High:0.###}, {task.Jump.High}]");
        paper.Clean("ReLU", isRobust: false).Should().BeApproximately(isColor ? 0.8946 : 0.9955, 1e-12);
        paper.Accuracy(jump, isRobust: false, "PGD").Should().BeApproximately(isColor ? 0.1856 : 0.8321, 1e-12);
        paper.Accuracy(jump, isRobust: false, "TR").Should().BeNull("the paper prints it for random thresholds only");
        paper.Accuracy(random, isRobust: true, "TR").Should().BeApproximately(isColor ? 0.1579 : 0.0808, 1e-12);
        paper.Change("robust, ReLU", isRobust: true, "DF₂").Should().BeApproximately(isColor ? 0.042 : 0.314, 1e-12);
        paper.Gray($"robust, {jump}", isRobust: true, "DF∞").Should().BeApproximately(isColor ? 0.5228 : 0.7084, 1e-12);
        paper.Gray("ReLU", isRobust: false, "PGD").Should().BeNull("there it is the white box");
        if (!isColor) paper.Smaller.Should().BeNull("the preset 'paper' has the paper's settings");
    }

    [Theory]
    [InlineData(0, "WideResNet", 0.9258, 0.0039, 0.143, 0.1340)]
    [InlineData(1, "MobileNetV2", 0.9043, 0.0054, 0.053, 0.0507)]
    public void The_wide_networks_are_those_of_the_paper_in_its_preset_and_small_in_the_others(
        int place, string name, double clean, double gray, double change, double random)
    {
        var task = JumpTask.Wide("paper")[place];
        task.NetworkName.Should().Be(name);
        var paper = new JumpPaper(JumpSizes.Wide("paper")!, task);
        paper.Settings().Should().OnlyContain(each => each.Ours == each.Paper);
        paper.Smaller.Should().BeNull();
        var jump = JumpModel.NameOf(task.Jump.Kappa);
        paper.Clean(jump, isRobust: false).Should().BeApproximately(clean, 1e-12);
        paper.Gray(jump, isRobust: false, "PGD").Should().BeApproximately(gray, 1e-12);
        paper.Change(jump, isRobust: false, "DF∞").Should().BeApproximately(change, 1e-12);
        paper.Accuracy("random κ in", isRobust: false, "PGD").Should().BeApproximately(random, 1e-12);
        paper.Area(jump, "PGD").Should().BeNull("table 3 is one table for CIFAR-10");
        using var network = JumpTask.Wide("long")[place].Network(1);
        network.parameters().Sum(p => p.numel()).Should().BeLessThan(300_000);
    }

    [Fact]
    public void Steps_of_the_first_network_keep_their_names_and_those_of_the_others_begin_with_theirs()
    {
        using var data = Sets.Noise("cifar10", isColor: true);
        JumpTask.For(data).Prefix.Should().BeEmpty("runs that were begun before go on");
        JumpTask.Wide("long").Select(task => task.Prefix).Should().Equal("WideResNet: ", "MobileNetV2: ");
    }

    [Fact]
    public void A_preset_without_the_wide_networks_says_which_has_them()
    {
        JumpSizes.Wide("quick").Should().BeNull();
        new JumpWidePage([]).Sections().Single().Text.Single().Should().Contain("'long'");
    }

    [Fact]
    public void The_third_table_has_the_papers_areas_on_colours_and_what_the_jump_gains()
    {
        using var data = Sets.Noise("cifar10", isColor: true);
        var task = JumpTask.For(data);
        var scores = new DetectorScores();
        foreach (var model in new[] { "ReLU", "JumpReLU κ 0.4" })
            foreach (var kind in task.Attacks(1).Select(attack => attack.Name).Prepend(DetectorScores.Clean))
                scores.Add(model, true, kind, Enumerable.Range(0, 40).Select(i => new[] { (i % 9) + (kind != "clean" && model != "ReLU" ? 5.0 : 0) }));
        var page = new JumpDetectionPage(scores, task, new JumpPaper(JumpSizes.Of("paper", isColor: true), task));
        var rows = page.Section().Tables.Single().Rows;
        rows.Select(row => row.Name).Should().Equal("ReLU", "JumpReLU κ 0.4", "what the jump gains, points");
        rows[0].Cells.Select(cell => Math.Round(cell.Paper!.Value, 6)).Should().Equal(0.7254, 0.7341, 0.7293, 0.7247);
        rows[1].Cells.Select(cell => Math.Round(cell.Paper!.Value, 6)).Should().Equal(0.7425, 0.7824, 0.7584, 0.7471);
        rows[2].Cells.Should().OnlyContain(cell => cell.Value > 0.2 && cell.Paper > 0.01);
        page.Claims().Single().Verdict.Should().Be(PaperClaim.Confirmed);
    }

    private static Page Page(int plain, int adaptive, int left, int seeming = 0)
    {
        using var data = Sets.Noise("mnist", isColor: false);
        return new JumpPage(JumpSizes.Of("paper", isColor: false), JumpTask.For(data), data, Results(plain, adaptive, left, seeming)).Make();
    }

    internal static JumpResults Results(int plain, int adaptive, int left, int seeming)
    {
        Proportion Of(int right) => new(right, 100);
        double[] Shares(int right) => [.. Enumerable.Range(0, 100).Select(image => image < right ? 1.0 : 0)];
        string[] names = ["ReLU", "JumpReLU κ 1"], robustNames = ["robust, ReLU", "robust, JumpReLU κ 1"];
        var attacked = from name in names.Concat(robustNames) from attack in PaperAttack.All(0.3081, 40, 1)
            select new AttackedModel(name, attack.Name, Shares(10), [.. Enumerable.Repeat(0.1, 100)]);
        CurvePoint[] curve = [new(0, false, Of(99), Of(10), Of(10)), new(1, false, Of(98), Of(50), Of(10)), new(0, true, Of(99), Of(30), Of(20))];
        using var data = Sets.Noise("mnist", isColor: false);
        var tables = new JumpNetwork(JumpSizes.Of("paper", isColor: false), JumpTask.For(data),
            [.. names.SelectMany(name => new[] { new ModelAccuracy(name, false, Of(98)), new ModelAccuracy("robust, " + name, true, Of(98)) })], [.. attacked],
            [new("PGD", false, ["JumpReLU κ 1"], [Shares(80)]), new("PGD", true, ["robust, JumpReLU κ 1"], [Shares(85)])]);
        return new JumpResults(
            tables, [new("ReLU", false, names, [Shares(10), Shares(80)]), new("robust, ReLU", true, robustNames, [Shares(10), Shares(80)])], curve,
            Report(names, plain, adaptive, left, seeming), Report(robustNames, plain, adaptive, left, seeming));
    }

    private static EvaluationReport Report(string[] names, int plain, int adaptive, int left, int seeming)
    {
        DrawRates Rates(int right) => new(new(right, 100), new(right, 100), new(right, 100));
        Estimate Within(int points) => new(points / 100.0, (points - 10) / 100.0, (points + 10) / 100.0);
        Outcome Under(int right, int gain) => new() { Accuracy = Rates(right), AllImages = Rates(100 - right),
            Efficiency = new EfficiencyScore(Within(gain), Within(1)) };
        return new EvaluationReport
        {
            Title = "sample", Settings = new ReportSettings
            {
                Dataset = "sample", Images = 100, Draws = 1, Confidence = 0.95, Eta = 0.002, Norm = "Linf", Lower = 0, Upper = 1, Strengths = [0.2],
                Headline = 0.2, Seed = 1,
                BlockSize = 100, JudgeBlockSize = 20, Library = "1", Attacks = [new("PGD", "plain", "", ["a"]), new("PGD", "straight through", "", ["b"])],
            },
            Defenses = [.. names.Select(name => new DefenseResult
            {
                Name = name, IsRandom = false, Accuracy = Rates(98), Recognized = 98,
                Strengths = [new StrengthResult(0.2, Under(adaptive, left), [new("PGD", "plain", null, Under(plain, seeming)),
                    new("PGD", "straight through", null, Under(adaptive, left))])],
            })],
        };
    }
}
