using DefenseBench.Protocols.Jump;
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Samples.Protocols;

public sealed class JumpProtocolTests
{
    [Fact]
    public void Images_are_normalised_for_the_network_and_the_bounds_with_them()
    {
        using var scope = NewDisposeScope();
        var pixels = tensor(new[,] { { 0f, 0.1307f, 1f } });
        var (images, _) = new NormalizedData(new TensorData(pixels, zeros(1, dtype: ScalarType.Int64))).Batch([0]);
        Numbers.Of(images).Should().SatisfyRespectively(
            low => low.Should().BeApproximately(NormalizedData.Bounds.Lower, 1e-6), mean => mean.Should().BeApproximately(0, 1e-6),
            high => high.Should().BeApproximately((1 - 0.1307) / 0.3081, 1e-6));
        NormalizedData.Bounds.Range.Should().BeApproximately(1 / 0.3081, 1e-12);
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
        using var result = PaperAttack.Pgd.Attack.Run(model.Classifier(), x, labels);
        var expected = (needed / step).ceil().clamp(1, 40) * step;
        var reached = Norm.Linf.Size(result.Adversarial - x);
        (reached - expected).abs().max().ToDouble().Should().BeLessThan(step + 1e-4, "an image on a boundary may need one step more");
        reached.max().ToDouble().Should().BeGreaterThan(39 * step, "some image stands 40 steps or more away");
        result.Met.eq(needed < 39 * step).logical_or((needed - 40 * step).abs() < 2 * step).all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData(90, 20, true)]
    [InlineData(90, 88, false)]
    public void A_threshold_that_only_hides_the_gradient_is_named(int plain, int adaptive, bool hides)
    {
        var page = new JumpPage(JumpSizes.Of("paper"), Results(plain, adaptive)).Make();
        page.Findings.Any(finding => finding.Title == "The jump hides the gradient" && finding.Defense == "JumpReLU κ 1").Should().Be(hides);
        page.Findings.Should().NotContain(finding => finding.Defense == "ReLU");
        page.ToMarkdown().Should().Contain("JumpReLU κ 1").And.Contain("ρ TR");
        page.ToHtml().Should().Contain("straight through");
    }

    private static JumpResults Results(int plain, int adaptive)
    {
        Proportion Of(int right) => new(right, 100);
        string[] names = ["ReLU", "JumpReLU κ 1"];
        var attacked = from name in names from attack in PaperAttack.All(1) select new AttackedModel(name, attack.Name, Of(10), new RelativeSize(new Estimate(0.1, 0.09, 0.11), null, 100, 0));
        var robust = from name in names from attack in PaperAttack.All(1) select new AttackedModel("robust, " + name, attack.Name, Of(10), new RelativeSize(new Estimate(0.1, 0.09, 0.11), null, 100, 0));
        CurvePoint[] curve = [new(0, false, Of(99), Of(10), Of(10)), new(1, false, Of(98), Of(50), Of(10)), new(0, true, Of(99), Of(30), Of(20))];
        return new JumpResults(
            [.. names.SelectMany(name => new[] { new ModelAccuracy(name, false, Of(98)), new ModelAccuracy("robust, " + name, true, Of(98)) })], [.. attacked, .. robust],
            [new("ReLU", false, names, [Of(10), Of(80)]), new("robust, ReLU", true, ["robust, ReLU", "robust, JumpReLU κ 1"], [Of(10), Of(80)])], curve, Report(names, plain, adaptive));
    }

    private static EvaluationReport Report(string[] names, int plain, int adaptive)
    {
        DrawRates Rates(int right) => new(new(right, 100), new(right, 100), new(right, 100));
        Outcome Under(int right) => new() { Accuracy = Rates(right), AllImages = Rates(100 - right) };
        return new EvaluationReport
        {
            Title = "sample", Settings = new ReportSettings
            {
                Dataset = "sample", Images = 100, Draws = 1, Confidence = 0.95, Eta = 0.002, Norm = "Linf", Lower = 0, Upper = 1, Strengths = [0.1], Headline = 0.1, Seed = 1,
                BlockSize = 100, JudgeBlockSize = 20, Library = "1", Attacks = [new("PGD", "plain", "", ["a"]), new("PGD", "straight through", "", ["b"])],
            },
            Defenses = [.. names.Select(name => new DefenseResult
            {
                Name = name, IsRandom = false, Accuracy = Rates(98), Recognised = 98,
                Strengths = [new StrengthResult(0.1, Under(adaptive), [new("PGD", "plain", null, Under(plain)), new("PGD", "straight through", null, Under(adaptive))])],
            })],
        };
    }
}
