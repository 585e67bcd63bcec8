using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Reference;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Attacks by decisions at equal queries, on the reference network and images.</summary>
public sealed class DecisionReferenceTests
{
    [SharedFact("reference")]
    public void RayS_comes_nearer_than_HopSkipJump_in_Linf()
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (images, classes) = ReferenceNetwork.Mnist();
        var (x, labels) = (images.narrow(0, 0, 20), classes.narrow(0, 0, 20));
        var model = new DecisionOracle(batch => network.call(batch).argmax(1), Bounds.Unit, 10);
        var rays = QueryCurve.Measure(new RayS { Queries = 300, Seed = 1 }, model, x, labels).At(300, 0.2);
        var jumps = QueryCurve.Measure(new HopSkipJump { Norm = Norm.Linf, Steps = 3, Seed = 1 }, model, x, labels).At(300, 0.2);
        rays.MedianSize.Should().BeLessThan(0.7 * jumps.MedianSize!.Value);
        rays.Success.Successes.Should().BeGreaterThan(jumps.Success.Successes);
    }
}
