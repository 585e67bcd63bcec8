using Defenses.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>On a linear model the nearest adversarial example is known: the nearest of the hyperplanes between the label and another class.</summary>
public sealed class MinimumNormTests
{
    public static TheoryData<string, string> Cases() => new()
    {
        { "DeepFool", "L2" }, { "DeepFool", "Linf" }, { "CarliniWagner", "L2" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Comes_within_a_twentieth_of_the_exact_distance(string name, string normName)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = ByName(name, Norms.ByName(normName)).Run(network.Classifier(), x, labels);
        result.Met.all().ToBoolean().Should().BeTrue();
        var ratio = result.Size / Distances(network, x, labels, normName).amin([1]);
        ratio.max().ToDouble().Should().BeLessThanOrEqualTo(1.05);
        ratio.min().ToDouble().Should().BeGreaterThan(1 - 1e-4, "nothing is nearer than the nearest hyperplane");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Targeted_comes_within_a_twentieth_of_the_boundary_of_the_target(string name, string normName)
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = ByName(name, Norms.ByName(normName)).Run(network.Classifier(), x, Goal.Reach(1 - labels));
        result.Met.all().ToBoolean().Should().BeTrue();
        var ratio = result.Size / Distances(network, x, labels, normName).amin([1]);
        ratio.max().ToDouble().Should().BeLessThanOrEqualTo(1.05);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Examples_that_are_wrong_from_the_start_stay_as_they_are(string name, string normName)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = ByName(name, Norms.ByName(normName)).Run(network.Classifier(), x, (labels + 1) % 4);
        result.Met.all().ToBoolean().Should().BeTrue();
        result.Size.max().ToDouble().Should().BeLessThan(1e-3);
    }

    // The distance of each point to the hyperplane of every other class, in the norm; the points lie so far inside that no bound binds.
    private static Tensor Distances(LinearModel network, Tensor x, Tensor labels, string normName)
    {
        using var noGrad = no_grad();
        var logits = network.call(x);
        var weight = network.Weight.detach();
        var index = labels.unsqueeze(1);
        var gaps = logits.gather(1, index) - logits;
        var directions = weight.unsqueeze(0) - weight.index_select(0, labels).unsqueeze(1);   // (N, classes, D)
        var dual = normName switch { "L1" => directions.abs().amax([2]), "L2" => directions.square().sum(2).sqrt(), _ => directions.abs().sum(2) };
        return (gaps / dual).scatter(1, index, full_like(index, double.PositiveInfinity, dtype: ScalarType.Float32));
    }

    private static Attack ByName(string name, Norm norm) => name switch
    {
        "DeepFool" => new DeepFool { Norm = norm },
        _ => new CarliniWagner { Norm = norm, Steps = 150, SearchSteps = 4, InitialConstant = 1 },
    };
}
