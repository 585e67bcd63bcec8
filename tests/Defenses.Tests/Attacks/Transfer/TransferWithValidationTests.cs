using Defenses.Attacks;
using Defenses.Models;
using Defenses.Metrics;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class TransferWithValidationTests : AttackContract<TransferWithValidation>
{
    private static readonly Classifier Own = OwnModels.Like(new LinearModel());

    protected override TransferWithValidation Create() => new(Own, [Own], new Fgsm(0.3));

    protected override bool SeesTheModel => false;

    protected override TransferWithValidation Scaled(TransferWithValidation attack, Bounds bounds) =>
        new(In(Own.Network, bounds), [In(Own.Network, bounds)], new Fgsm(0.3 * bounds.Range));

    [Fact]
    public void Only_examples_that_fool_enough_validators_are_sent()
    {
        using var scope = NewDisposeScope();
        var (source, validators) = (OwnModels.Relative(0), Enumerable.Range(1, 4).Select(i => OwnModels.Relative(i)).ToArray());
        var (x, labels) = source.Data(80);
        var attack = new TransferWithValidation(source.Classifier(), [.. validators.Select(model => model.Classifier())], new Fgsm(0.3)) { Rounded = false,
            PassShare = 0.5 };
        using var made = new Fgsm(0.3).Run(source.Classifier(), x, labels);
        using var result = attack.Run(OwnModels.Relative(9).Classifier(), x, labels);
        var fooled = stack(validators.Select(model => model.Classifier().Logits(made.Adversarial).argmax(1).ne(labels)).ToArray()).to_type(ScalarType.Int64)
            .sum(dim: 0);
        var expected = where((fooled >= 2).unsqueeze(1), made.Adversarial, x);
        (result.Adversarial - expected).abs().max().ToDouble().Should().BeLessThan(1e-6);
        (fooled >= 2).sum().ToInt64().Should().BeInRange(1, 79, "else the test would say nothing");
    }

    [Fact]
    public void What_is_sent_and_measured_are_the_256_values_of_an_image_file()
    {
        using var scope = NewDisposeScope();
        var model = new LinearModel();
        var (x, labels) = model.Data();
        using var result = new TransferWithValidation(model.Classifier(), [model.Classifier()], new Fgsm(0.3)).Run(model.Classifier(), x, labels);
        var sent = result.Adversarial.index_select(0, result.Size.gt(0).nonzero().squeeze(1)) * 255;
        sent.shape[0].Should().BeGreaterThan(0);
        (sent - sent.round()).abs().max().ToDouble().Should().BeLessThan(1e-4);
        (result.Size - (result.Adversarial - x).flatten(1).abs().amax([1])).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Each_validator_is_attacked_in_turn_with_what_enough_of_the_others_pass()
    {
        using var scope = NewDisposeScope();
        var (sources, validators) = (Family(0, 3), Family(10, 8));
        var (x, labels) = sources[0].Data(50);
        var attack = new TransferWithValidation(
            new Surrogates([.. sources.Select(model => model.Classifier())]), [.. validators.Select(model => model.Classifier())],
                new CarliniWagner { Steps = 60, SearchSteps = 3, InitialConstant = 1, Confidence = 1, LearningRate = 0.1 }) { Seed = 1 };
        var targets = attack.RandomTargets(x, labels);
        using var trial = attack.LeaveOneOut(x, Goal.Reach(targets));
        trial.Needed.Should().Be(5, "of the seven others");
        var attempts = trial.Cases();
        var fooled = stack(validators.Select(model => model.Classifier().Logits(trial.Adversarial).argmax(1).eq(targets)).ToArray());   // (8, N)
        (trial.Fooled - fooled.to_type(ScalarType.Float32)).abs().max().ToDouble().Should().Be(0);
        var expected = 0;
        for (var model = 0; model < 8; model++)
            for (var image = 0; image < 50; image++)
            {
                var others = Enumerable.Range(0, 8).Count(other => other != model && fooled[other, image].ToBoolean());
                if (others < 5) continue;
                expected++;
                attempts.Should().Contain(new LeaveOneOutCase(image, model, trial.Size[image].ToDouble(), fooled[model, image].ToBoolean() ? 1 : 0));
            }

        attempts.Should().HaveCount(expected).And.NotBeEmpty();
        var all = trial.Fooled.mean().ToDouble();
        attempts.Average(attempt => attempt.Success).Should().BeGreaterThan(all, "validation is what makes examples transfer");
        TransferCase[] cases = [.. attempts.Select(attempt => new TransferCase(attempt.Image, "family", $"{attempt.Model}", attempt.Size, attempt.Success))];
        Transferability.ByDistance(cases, [0, 0.2, 10]).Sum(bucket => bucket.Cases).Should().Be(expected);
        foreach (var model in sources.Concat(validators)) model.Dispose();
    }

    [Fact]
    public void Random_targets_are_neither_label_nor_answer()
    {
        using var scope = NewDisposeScope();
        var models = Family(0, 2);
        var (x, _) = models[0].Data(100);
        var labels = ones([100], dtype: ScalarType.Int64);
        var attack = new TransferWithValidation(new Surrogates([.. models.Select(model => model.Classifier())]), [Own], new Fgsm(0.1)) { Seed = 2 };
        var targets = attack.RandomTargets(x, labels);
        targets.eq(labels).any().ToBoolean().Should().BeFalse();
        foreach (var model in models) model.Classifier().Logits(x).argmax(1).eq(targets).any().ToBoolean().Should().BeFalse();
        targets.eq(attack.RandomTargets(x, labels)).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Leaves_nothing_behind_and_refuses_what_cannot_be()
    {
        using var model = new LinearModel();
        var (x, labels) = model.Data();
        using var images = x;
        using var classes = labels;
        var attack = new TransferWithValidation(model.Classifier(), [model.Classifier(), model.Classifier()], new Fgsm(0.2));
        Leaks.None(() => attack.LeaveOneOut(x, Goal.Avoid(labels)).Dispose());
        Leaks.None(() => attack.RandomTargets(x, labels).Dispose());
        ((Action)(() => _ = attack with { PassShare = 1.2 })).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = attack with { Validators = [] })).Should().Throw<ArgumentException>();
        ((Action)(() => (attack with { Validators = [model.Classifier()] }).LeaveOneOut(x, Goal.Avoid(labels)))).Should().Throw<InvalidOperationException>()
            .WithMessage("*two validators*");
    }

    private static LinearModel[] Family(int from, int count) => [.. Enumerable.Range(from, count).Select(i => OwnModels.Relative(i, 0.3))];
}
