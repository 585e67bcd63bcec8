using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Detection;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Tests.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Every kind of model under every instrument: a right number, or a sentence that says why there is none.</summary>
public sealed class EveryModelTests : IDisposable
{
    private const double Epsilon = 0.35;

    private static readonly Dictionary<string, Action<ModelView, Tensor, Tensor>> s_instruments = new()
    {
        ["judge"] = (model, x, labels) => new Judge(5) { Seed = 1 }.Measure(model, x, labels).Accuracy.MeanDraw.Rate.Should().Be(1),
        ["attack"] = (model, x, labels) => Rate(Attack(model), model, x, labels).Should().BeGreaterThan(LeastSuccess(model)),
        ["attack by gradients"] = (model, x, labels) => Rate(new Pgd(Epsilon) { Seed = 1, Steps = 10 }, model, x, labels).Should().BeGreaterThan(0.5),
        ["evaluation"] = (model, x, labels) => Evaluate(model, x, labels, Attack),
        ["evaluation by gradients"] = (model, x, labels) => Evaluate(model, x, labels, _ => new Pgd(Epsilon) { Steps = 5 }),
        ["evaluation of a plan"] = Plan,
        ["checkup"] = Checkup,
        ["divergence"] = (model, x, _) => Scores(new DivergenceDetector(model, Reformer()), x, score => score is >= 0 and <= 0.7),
        ["vote entropy"] = (model, x, _) => Scores(new SamplingDetector(model, draws: 10), x, score => score is >= 0 and <= 0.7),
        ["mutual information"] = (model, x, _) =>
            Scores(new SamplingDetector(model, SamplingStatistic.MutualInformation, 10), x, score => score is >= 0 and <= 0.7),
        ["kernel density"] = (model, x, labels) => Scores(new KernelDensity(model, "hidden", x, labels, 0.5), x, double.IsFinite),
        ["dimensionality"] = (model, x, _) => Scores(new LocalIntrinsicDimensionality(model, ["hidden"], Pixels.Pictures(30, 0, 5), 5), x, score => score > 0),
        ["panel"] = (model, x, _) => DetectorPanel.Calibrate([new DivergenceDetector(model, Reformer())], x, 0.1, 1).Measure(x).Should().OnlyContain(
            score => double.IsFinite(score)),
        ["combined"] = (model, x, _) => CombinedDetector.Fit([new DivergenceDetector(model, Reformer())], x, Pixels.Pictures(8, 0.4, 9), 1, 1).Measure(x)
            .Should().OnlyContain(score => double.IsFinite(score)),
        ["stability"] = (model, x, labels) =>
            PredictionStability.UnderNoise(model, x, 0.05, labels, 3, 1).Accuracy!.Rate.Should().BeInRange(0.9, 1),
        ["jpeg"] = (model, x, labels) => PredictionStability.UnderJpeg(model, x, 95, labels).Accuracy!.Rate.Should().BeInRange(0.8, 1),
        ["gradient deviation"] = (model, x, labels) =>
            GradientDeviation.Measure(model, x, Goal.Avoid(labels), 5, seed: 1).Sign.Value.Should().BeInRange(0, 0.5),
        ["smoothing"] = (model, x, _) => new RandomizedSmoothing(model, 0.02) { EstimationDraws = 300, Seed = 1 }.Certify(x.narrow(0, 0, 2))
            .Should().OnlyContain(certificate => certificate.Radius > 0.01 && certificate.Radius < 0.1),
    };

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var instrument in s_instruments.Keys)
                foreach (var kind in EveryModel.Kinds) cases.Add(instrument, kind);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_model_gives_a_right_number_or_a_sentence(string instrument, string kind)
    {
        var model = EveryModel.Make(kind);
        var x = Pixels.Pictures(16, 0.01, 3);
        var labels = (x.select(1, 0).select(1, 0).select(1, 0) > 0.5).to_type(ScalarType.Int64);
        void Measure() => s_instruments[instrument](model, x, labels);
        if (Refusal(instrument, kind) is { } words) ((Action)Measure).Should().Throw<Exception>().WithMessage(words)
            .Which.Should().Match(error => error is NotSupportedException || error is InvalidOperationException || error is ArgumentException);
        else Measure();
    }

    // What a kind of model cannot give, in the words of the refusal; null where there is a number.
    private static string? Refusal(string instrument, string kind)
    {
        var isOracle = kind is "scores" or "probabilities" or "decisions" or "random scores" or "random decisions";
        return instrument switch
        {
            "attack by gradients" or "evaluation by gradients" or "gradient deviation" when isOracle => "*no gradient*HopSkipJump*Transfer*",
            "vote entropy" when !kind.StartsWith("random", StringComparison.Ordinal) && kind != "noisy module" =>
                isOracle ? "*draw*isRandom*" : "*draws nothing*StochasticLayer*",
            "mutual information" when kind.EndsWith("decisions", StringComparison.Ordinal) => "*must give scores*VoteEntropy*",
            "mutual information" when kind is not ("random scores" or "noisy module") => isOracle ? "*draw*isRandom*" : "*draws nothing*StochasticLayer*",
            "divergence" or "panel" or "combined" when kind.EndsWith("decisions", StringComparison.Ordinal) => "*must give scores*",
            "kernel density" or "dimensionality" when isOracle => "*shows none*Classifier*",
            "kernel density" or "dimensionality" when kind == "script" => "*TorchScript*compiled*",
            "kernel density" or "dimensionality" when kind is "delegate" or "one logit" or "noisy module" => "*it has no 'hidden'*",
            _ => null,
        };
    }

    // By decisions an attack stops at the boundary, where a model that draws errs in about half of its draws.
    private static double LeastSuccess(ModelView model) => model is { IsRandom: true, Answers: ModelAnswers.Decisions } ? 0.2 : 0.5;

    private static Attack Attack(ModelView model) =>
        model.Answers == ModelAnswers.Decisions ? new HopSkipJump { Norm = Norm.Linf, Steps = 5, Seed = 1 }
            : new Square(Epsilon) { Candidates = 200, Seed = 1 };

    private static double Rate(Attack attack, ModelView model, Tensor x, Tensor labels)
    {
        using var result = attack.Run(model, x, labels);
        return new Judge(5) { Seed = 2 }.Measure(model, result.Adversarial, labels).Success.MeanDraw.Rate;
    }

    private static void Evaluate(ModelView model, Tensor x, Tensor labels, Func<ModelView, Attack> attack)
    {
        var entry = new DefenseEntry("model", model);
        var evaluation = new RobustnessEvaluation([entry], [new("attack", _ => attack(model))], [Epsilon]) { Draws = 5, Seed = 1, Checks = ModelCheck.Cheap };
        var report = evaluation.Run(LabeledImages.From(x, labels));
        report.Defenses[0].Accuracy.MeanDraw.Rate.Should().Be(1);
        report.Defenses[0].Strengths[0].Worst.Success!.MeanDraw.Rate.Should().BeGreaterThan(LeastSuccess(model));
        report.Defenses[0].Checks.Should().HaveCount(ModelCheck.All.Count);
        report.Findings.Should().NotContain(finding => finding.Severity == Defenses.Pages.Severity.Invalid && finding.Title == ModelCheck.Logits.Title);
    }

    // The plan holds only what the model allows; one attack of it is run.
    private static void Plan(ModelView model, Tensor x, Tensor labels)
    {
        var plan = AdaptiveAttacks.For(model, Norm.L2);
        plan.Should().OnlyContain(attack => model.Answers == ModelAnswers.Gradients || attack.Make(1).Knowledge < Knowledge.SingleStep);
        var entries = AttackEntry.From(plan).Where(entry => entry.Name is "noise").ToArray();
        new RobustnessEvaluation([new("model", model)], AttackEntry.From(plan), [Epsilon]).Attacks.Should().HaveCount(plan.Count);
        new RobustnessEvaluation([new("model", model)], entries, [Epsilon]) { Draws = 3, Norm = Norm.L2, Checks = [] }.Run(LabeledImages.From(x, labels));
    }

    private static void Checkup(ModelView model, Tensor x, Tensor labels)
    {
        var diagnosis = new ModelCheckup(Epsilon)
        {
            Seed = 1, Draws = 5, Images = 12, Checks = [.. ModelCheck.Cheap, ModelCheck.NoiseAttack, ModelCheck.SquareAttack, ModelCheck.FixedDraw],
        }.Diagnose(model, LabeledImages.From(x, labels));
        diagnosis.Accuracy!.MeanDraw.Rate.Should().Be(1);
        diagnosis.AttackedAccuracy!.MeanDraw.Rate.Should().BeLessThan(1 - LeastSuccess(model));
        diagnosis.Checks.Should().OnlyContain(result => result.Outcome != CheckOutcome.NotRun || result.Reason!.Length > 10);
        var reasons = string.Join("; ", diagnosis.Checks.Select(result => result.Reason));
        if (model is Oracle) reasons.Should().Contain($"the model gives only {(model.Answers == ModelAnswers.Scores ? "scores" : "decisions")}");
        else reasons.Should().NotContain("the model gives only");
        // An attack by decisions stops where a random model errs in half of its draws. Noise then fools more often, and the checkup says so.
        diagnosis.Findings.Should().NotContain(finding => finding.Severity == Defenses.Pages.Severity.Invalid
            && !(model.IsRandom && model.Answers == ModelAnswers.Decisions && finding.Title == ModelCheck.NoiseAttack.Title));
    }

    private static void Scores(Detector detector, Tensor x, Func<double, bool> isSound)
    {
        var scores = detector.Measure(x);
        scores.Should().HaveCount((int)x.shape[0]).And.OnlyContain(score => isSound(score));
        using var again = detector.Score(x);
        again.shape.Should().Equal(x.shape[0]);
        (detector as IDisposable)?.Dispose();
    }

    private static Reformer Reformer()
    {
        var reformer = new Reformer(nn.AvgPool2d(3, stride: 1, padding: 1), Bounds.Unit);
        reformer.eval();
        return reformer;
    }
}
