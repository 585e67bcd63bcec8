using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class CarliniWagnerTests : AttackContract<CarliniWagner>
{
    protected override CarliniWagner Create() => new() { Steps = 60, SearchSteps = 3, InitialConstant = 1, LearningRate = 0.05 };

    [Theory]
    [InlineData(true, 50 + 3 * 6)]
    [InlineData(false, 4 * 50)]
    public void Examples_out_of_reach_end_rounds_that_repeat_the_previous_one(bool abortEarly, int gradients)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var model = network.Classifier();
        // 50 steps of 0.0001 reach no boundary, and at these constants the distance weighs nothing.
        var attack = new CarliniWagner { Steps = 50, SearchSteps = 4, InitialConstant = 1000, LearningRate = 1e-4, AbortEarly = abortEarly };
        var far = network.call(x).topk(2).values;
        var rows = (far.select(1, 0) - far.select(1, 1) > 0.5).nonzero().squeeze(1);
        rows.shape[0].Should().BeGreaterThan(4);
        using var result = attack.Run(model, x.index_select(0, rows), labels.index_select(0, rows));
        Numbers.Of(result.Size).Should().OnlyContain(size => size == 0);
        model.Queries.Backward.Should().Be(gradients * rows.shape[0]);
    }

    // One element from 0.5 on: a model of slope 4 is fooled beyond 0.6, one of slope 1 beyond 0.8, by κ = 0.05 beyond 0.85; their mean probabilities before.
    [Theory]
    [InlineData(0.0, 0.3)]
    [InlineData(0.05, 0.35)]
    public void Unanimous_examples_fool_each_of_several_models_and_are_as_small_as_that_allows(double confidence, double distance)
    {
        using var near = Line(slope: 4, boundary: 0.6);
        using var far = Line(slope: 1, boundary: 0.8);
        using var scope = NewDisposeScope();
        var (x, labels) = (full([1, 1], 0.5), zeros([1], dtype: ScalarType.Int64));
        var attack = new CarliniWagner { Steps = 200, SearchSteps = 9, InitialConstant = 1, LearningRate = 0.02, Confidence = confidence };
        var both = new Surrogates([near.Classifier(), far.Classifier()]);
        using var mean = attack.Run(both, x, labels);
        using var all = (attack with { Unanimous = true }).Run(both, x, labels);
        mean.Size.ToSingle().Should().BeInRange(0.1f, 0.2f, "the steeper model decides for both");
        ((double)all.Size.ToSingle()).Should().BeInRange(distance, distance + 0.01);
        far.Classifier().Logits(all.Adversarial).argmax(1).ToInt64().Should().Be(1);
        using var single = attack.Run(far.Classifier(), x, labels);
        using var alone = (attack with { Unanimous = true }).Run(far.Classifier(), x, labels);
        alone.Size.ToSingle().Should().Be(single.Size.ToSingle(), "one model always agrees with itself");
        foreach (var norm in new[] { Norm.L0, Norm.Linf })
            ((Action)(() => (attack with { Norm = norm, Unanimous = true }).Run(both, x, labels))).Should().Throw<ArgumentException>()
                .WithMessage("Unanimous needs Norm L2; Norm is*");
    }

    private static LinearModel Line(float slope, double boundary)
    {
        var network = new LinearModel(inputs: 1, classes: 2);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        network.Weight.copy_(tensor(new[,] { { 0f }, { slope } }));
        network.Bias.copy_(tensor(new[] { 0f, (float)(-slope * boundary) }));
        return network;
    }

    [Fact]
    public void Examples_whose_first_constants_are_too_small_stay_until_one_succeeds()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        var patient = new CarliniWagner { Steps = 100, SearchSteps = 8, InitialConstant = 1e-6, LearningRate = 0.02, AbortEarly = false };
        using var expected = patient.Run(network.Classifier(), x, labels);
        using var found = (patient with { AbortEarly = true }).Run(network.Classifier(), x, labels);
        Numbers.Of(expected.Met.to_type(ScalarType.Float32)).Should().OnlyContain(met => met == 1);
        Numbers.Of(found.Met.to_type(ScalarType.Float32)).Should().OnlyContain(met => met == 1);
    }
}
