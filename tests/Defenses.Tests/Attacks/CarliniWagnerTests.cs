using Defenses.Attacks;
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
    public void Examples_out_of_reach_leave_rounds_that_repeat_the_one_before(bool abortEarly, int looks)
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
        model.Queries.Backward.Should().Be(looks * rows.shape[0]);
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
