using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class DeepFoolTests : AttackContract<DeepFool>
{
    protected override DeepFool Create() => new();

    [Fact]
    public void After_the_first_step_only_classes_that_may_be_nearest_are_differentiated()
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (x, labels) = ReferenceNetwork.Vendor();
        using var result = Create().Run(new Classifier(network, Bounds.Unit), x, labels);
        // Nine gradients at each call would be nine times as many; the first and the last call need one forward pass.
        var calls = result.Queries.Forward - 1 - x.shape[0];
        result.Queries.Backward.Should().BeGreaterThanOrEqualTo(9 * x.shape[0]).And.BeLessThan(6 * calls);
    }
}
