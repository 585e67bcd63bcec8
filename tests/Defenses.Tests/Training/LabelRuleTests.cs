using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Hardening;
using Defenses.Models;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

/// <summary>Labels of a wrong shape or type are refused wherever they enter; they were taken for probabilities, all of class 0.</summary>
public sealed class LabelRuleTests
{
    public static TheoryData<string, string> Kinds => new()
    {
        { "column", "*labels*(6, 1)*Int64*labels.flatten()*" },
        { "float column", "*labels*(6, 1)*Float32*labels.flatten()*" },
        { "one-hot integers", "*labels*(6, 3)*Int64*labels.argmax(1)*" },
        { "floats", "*labels*(6)*Float32*" },
        { "int32", "*labels*(6)*Int32*" },
        { "few", "*labels*(5)*" },
        { "scalar", "*labels*()*" },
        { "cube", "*labels*(6, 3, 1)*" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_memory(string kind, string message)
    {
        using var scope = NewDisposeScope();
        FluentActions.Invoking(() => new TensorData(rand(6, 2), Make(kind))).Should().Throw<ArgumentException>().WithMessage(message)
            .Which.ParamName.Should().Be("labels");
    }

    [Fact]
    public void Negative_classes_are_refused_and_probabilities_are_not()
    {
        using var scope = NewDisposeScope();
        FluentActions.Invoking(() => new TensorData(rand(6, 2), full([6], -1L, dtype: ScalarType.Int64))).Should().Throw<ArgumentException>()
            .WithMessage("*labels*-1*");
        new TensorData(rand(6, 2), full([6, 2], 0.5f)).Count.Should().Be(6);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void From_custom_data_into_accuracy_training_and_robust_accuracy(string kind, string message)
    {
        if (kind is "few" or "scalar") return;   // a batch knows nothing of the others
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("fc", nn.Linear(2, 3)));
        network.eval();
        var data = new Own(Make(kind));
        FluentActions.Invoking(() => Accuracy.Measure(network, data)).Should().Throw<ArgumentException>().WithMessage(message);
        FluentActions.Invoking(() => CrossEntropyObjective.Loss(rand(6, 3), data.Labels)).Should().Throw<ArgumentException>().WithMessage(message);
        FluentActions.Invoking(() => new Adversary(new Fgsm(0.1), Bounds.Unit).Perturb(network, rand(6, 2), data.Labels, 1))
            .Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_an_evaluation(string kind, string message)
    {
        using var scope = NewDisposeScope();
        FluentActions.Invoking(() => LabeledImages.From(rand(6, 2), Make(kind))).Should().Throw<ArgumentException>()
            .WithMessage("*labels*").WithMessage(kind is "one-hot integers" or "column" ? message.Replace("Int64*", "", StringComparison.Ordinal) : "*labels*");
    }

    public static TheoryData<string, string> Entries()
    {
        var cases = new TheoryData<string, string>();
        foreach (var entry in s_entries.Keys)
            foreach (var kind in new[] { "column", "one-hot integers", "int32", "few" }) cases.Add(entry, kind);
        return cases;
    }

    // Every other public entry that takes labels, with six images of two elements and a model of three classes.
    private static readonly Dictionary<string, Action<Classifier, Tensor, Tensor>> s_entries = new()
    {
        ["an attack"] = (model, x, labels) => new Fgsm(0.1).Run(model, x, labels).Dispose(),
        ["a goal"] = (model, x, labels) => new Fgsm(0.1).Run(model, x, Goal.Avoid(labels)).Dispose(),
        ["a target"] = (model, x, labels) => new Fgsm(0.1).Run(model, x, Goal.Reach(labels)).Dispose(),
        ["a target with labels"] = (_, _, labels) => Goal.Reach(zeros([6], dtype: ScalarType.Int64), labels),
        ["a judge"] = (model, x, labels) => new Judge(1).Measure(model, x, labels),
        ["kernel density"] = (model, x, labels) => new Defenses.Detection.KernelDensity(model, "fc", x, labels, 1).Dispose(),
        ["noise"] = (model, x, labels) => Defenses.Metrics.PredictionStability.UnderNoise(model, x, 0.1, labels),
        ["random targets"] = (model, x, labels) => new TransferWithValidation(model, [model], new Fgsm(0.1)).RandomTargets(x, labels).Dispose(),
        ["tuning"] = (model, x, labels) => Defenses.Retrofit.StrengthTuningExtensions.TuneStrength(   // which needs many images
            model.Network, _ => { }, new Defenses.Retrofit.StrengthSearch(0, 1), x.repeat(1000, 1),
            labels.dim() == 1 ? labels.repeat(1000) : labels.repeat(1000, 1)),
        ["an adversarial set"] = (_, x, labels) => new Defenses.Zoo.AdversarialSet(x, x, labels, zeros([6], dtype: ScalarType.Bool), zeros(6)).Dispose(),
        ["a data set"] = (_, _, labels) =>
            new Defenses.Zoo.DataSet("six", zeros([6, 1, 2, 2], dtype: ScalarType.Byte), labels, ["a", "b", "c"]).Dispose(),
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void At_every_entry(string entry, string kind)
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("fc", nn.Linear(2, 3)));
        network.eval();
        var model = new Classifier(network, Bounds.Unit);
        using (model.Logits(full([1, 2], 0.5f)))
        {
            FluentActions.Invoking(() => s_entries[entry](model, full([6, 2], 0.5f), Make(kind))).Should().Throw<ArgumentException>(entry)
                .Which.ParamName.Should().BeOneOf("labels", "goal", "targets");
        }
    }

    private static Tensor Make(string kind) => kind switch
    {
        "column" => zeros([6, 1], dtype: ScalarType.Int64),
        "float column" => zeros([6, 1]),
        "one-hot integers" => eye(3, dtype: ScalarType.Int64).repeat(2, 1),
        "floats" => zeros([6]),
        "int32" => zeros([6], dtype: ScalarType.Int32),
        "few" => zeros([5], dtype: ScalarType.Int64),
        "scalar" => tensor(1L),
        _ => zeros([6, 3, 1]),
    };

    private sealed class Own(Tensor labels) : ITrainingData
    {
        public Tensor Labels => labels;

        public long Count => 6;

        public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<long> indices) => (zeros(indices.Length, 2), labels.clone());
    }
}
