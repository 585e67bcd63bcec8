using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Onnx;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>The examples of docs/your-model.md.</summary>
public sealed class YourModelPage
{
    [Fact]
    public void A_model_of_one_logit_is_attacked_and_judged()
    {
        using var scope = NewDisposeScope();
        var network = new LinearModel(classes: 1);
        var images = Numbers.Uniform([20, 12]);
        var labels = network.call(images).squeeze(1).gt(0).to_type(ScalarType.Int64);
        OneLogit(network, images, labels).Accuracy.MeanDraw.Rate.Should().BeLessThan(1);
    }

    [Fact]
    public void Black_boxes_are_attacked_and_judged()
    {
        using var scope = NewDisposeScope();
        var network = new LinearModel();
        var images = Numbers.Uniform([20, 12]);
        var labels = network.call(images).argmax(1);
        Scores(x => network.call(x).softmax(1), images, labels).Accuracy.MeanDraw.Rate.Should().BeLessThan(1);
        Decisions(x => network.call(x).argmax(1), images, labels).Met.any().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void A_service_is_evaluated_and_checked()
    {
        using var scope = NewDisposeScope();
        var network = new LinearModel();
        var images = Numbers.Uniform([20, 12]);
        var labels = network.call(images).argmax(1);
        var report = Evaluate(network.call, LabeledImages.From(images, labels));
        report.Defenses[0].Accuracy.MeanDraw.Rate.Should().Be(1);
        report.Defenses[0].Checks.Should().Contain(result => $"{result}".Contains("gives only scores", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused_by_torch() =>
        ((Action)(() => Script("no such file", ones(1, 1), zeros(1, ScalarType.Int64)))).Should().Throw<Exception>();

    [Fact]
    public void An_ONNX_file_that_is_not_there_is_refused_with_its_name() =>
        ((Action)(() => Onnx("no such file.onnx", ones(1, 1), zeros(1, ScalarType.Int64))))
            .Should().Throw<FileNotFoundException>().WithMessage("*'no such file.onnx'*");

    private static Judgement Onnx(string path, Tensor images, Tensor labels)
    {
        using var onnx = OnnxModel.Open(path, Bounds.Unit, new OnnxOptions { Preprocessing = Preprocessing.Normalize([0.1307], [0.3081]) });
        using var result = new Square(0.1).Run(onnx.Scores, images, labels);
        return new Judge(draws: 100).Measure(onnx.Scores, result.Adversarial, labels);
    }

    private static Judgement Script(string path, Tensor images, Tensor labels)
    {
        using var network = jit.load<Tensor, Tensor>(path);
        network.eval();
        var model = new Classifier(network, Bounds.Unit, Preprocessing.Normalize([0.1307], [0.3081]));
        using var result = new Pgd(0.1).Run(model, images, labels);
        return new Judge(draws: 100).Measure(model, result.Adversarial, labels);
    }

    private static Judgement OneLogit(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels)
    {
        var model = new Classifier(network, Bounds.Unit) { Head = OutputHead.OneLogit };
        using var result = new Pgd(0.5).Run(model, images, labels);
        return new Judge(draws: 100).Measure(model, result.Adversarial, labels);
    }

    private static Judgement Scores(Func<Tensor, Tensor> service, Tensor images, Tensor labels)
    {
        var oracle = new ScoreOracle(service, Bounds.Unit, classes: 4) { Kind = ScoreKind.Probabilities, LargestBatch = 64 };
        var metered = new Metered(oracle) { MaxForwardPerExample = 10_000 };
        using var result = new Square(0.5) { Candidates = 1000 }.Run(metered, images, labels);
        return new Judge(draws: 100).Measure(oracle, result.Adversarial, labels);
    }

    private static EvaluationReport Evaluate(Func<Tensor, Tensor> service, LabeledImages examples)
    {
        var oracle = new ScoreOracle(service, Bounds.Unit, classes: 4) { Version = "2026-11" };
        var attacks = AttackEntry.From(AdaptiveAttacks.For(oracle)).Where(entry => entry.Name is "Square" or "noise").ToArray();
        var evaluation = new RobustnessEvaluation([new DefenseEntry("service", oracle)], attacks, [0.1]) { Draws = 1 };
        return evaluation.Run(examples);
    }

    private static AttackResult Decisions(Func<Tensor, Tensor> service, Tensor images, Tensor labels)
    {
        var oracle = new DecisionOracle(service, Bounds.Unit, classes: 4);
        return new HopSkipJump { Steps = 5 }.Run(oracle, images, labels);
    }
}
