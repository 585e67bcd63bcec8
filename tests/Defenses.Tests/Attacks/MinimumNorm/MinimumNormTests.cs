using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>On a linear model the nearest adversarial example is known: the nearest of the hyperplanes between the label and another class.</summary>
public sealed class MinimumNormTests
{
    private static readonly Bounds Wide = new(-1, 2);

    public static TheoryData<string, string> Cases() => new()
    {
        { "DeepFool", "L2" }, { "DeepFool", "Linf" }, { "CarliniWagner", "L2" }, { "CarliniWagner", "Linf" },
        { "Fab", "L1" }, { "Fab", "L2" }, { "Fab", "Linf" }, { "TrustRegion", "L2" }, { "TrustRegion", "Linf" }, { "TrustRegion fixed", "L2" },
        { "Fmn", "L1" }, { "Fmn", "L2" }, { "Fmn", "Linf" }, { "Fmn from a start", "L1" }, { "Ddn", "L2" }, { "SuperDeepFool", "L2" },
        { "Pdpgd", "L1" }, { "Pdpgd", "L2" }, { "Pdpgd", "Linf" }, { "Alma", "L1" }, { "Alma", "L2" },
        { "Smallest", "L1" }, { "Smallest", "L2" }, { "Smallest", "Linf" },
    };

    /// <summary>With more than two classes a walk along the boundary may end at another face than the nearest: that is no fault.</summary>
    public static TheoryData<string, string> TwoClassCases()
    {
        var cases = Cases();
        cases.Add("BoundaryAttack", "L2");
        cases.Add("HopSkipJump", "L2");
        cases.Add("HopSkipJump", "Linf");
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Comes_within_a_twentieth_of_the_exact_distance(string name, string normName)
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = ByName(name, Norms.ByName(normName)).Run(network.Classifier(Wide), x, labels);
        result.Met.all().ToBoolean().Should().BeTrue();
        var ratio = result.Size / Distances(network, x, labels, normName).amin([1]);
        ratio.max().ToDouble().Should().BeLessThanOrEqualTo(1.05);
        ratio.min().ToDouble().Should().BeGreaterThan(1 - 1e-4, "nothing is nearer than the nearest hyperplane");
    }

    [Theory]
    [MemberData(nameof(TwoClassCases))]
    public void Targeted_comes_within_a_twentieth_of_the_boundary_of_the_target(string name, string normName)
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = ByName(name, Norms.ByName(normName)).Run(network.Classifier(Wide), x, Goal.Reach(1 - labels));
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

    // The distance of each point to the hyperplane of every other class, in the norm; the bounds are so wide that none binds.
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
        "Fmn" => new Fmn { Norm = norm, Steps = 200 },
        "Fmn from a start" => new Fmn { Norm = norm, Steps = 200, Start = new DeepFool() },
        "Ddn" => new Ddn { Steps = 200 },
        "SuperDeepFool" => new SuperDeepFool(),
        "Pdpgd" => new Pdpgd { Norm = norm, Steps = 300 },
        "Alma" => new Alma { Norm = norm, Steps = norm == Norm.L1 ? 2000 : 1000 },
        "Smallest" => new Smallest(new Apgd(1) { Norm = norm, Steps = norm == Norm.L1 ? 30 : 15, Loss = Loss.Margin, Seed = 1 }),
        "Fab" => new Fab { Norm = norm, Steps = 20 },
        "TrustRegion" => new TrustRegion { Norm = norm, Seed = 1 },
        "TrustRegion fixed" => new TrustRegion { Norm = norm, Adaptive = false, Radius = 0.05 },
        "BoundaryAttack" => new BoundaryAttack { Seed = 1, Steps = 1000, SourceStep = 0.1, SphericalStep = 0.1, StartTries = 200 },
        "HopSkipJump" => new HopSkipJump { Norm = norm, Seed = 1, Steps = norm == Norm.L2
        ? 12
        : 15, FirstQueries = norm == Norm.L2
        ? 100
        : 1000, StartTries = 200 },
        "CarliniWagner" when norm == Norm.Linf => new CarliniWagner { Norm = norm, Steps = 150, InitialConstant = 1, LearningRate = 0.003 },
        _ => new CarliniWagner { Norm = norm, Steps = 150, SearchSteps = 4, InitialConstant = 0.1 },
    };
}
