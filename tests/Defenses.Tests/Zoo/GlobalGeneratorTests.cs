using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

/// <summary>Alone, while no other test runs: every layer that another test makes draws from torch's global generator.</summary>
[Collection(nameof(GlobalGeneratorTests))]
[CollectionDefinition(nameof(GlobalGeneratorTests), DisableParallelization = true)]
public sealed class GlobalGeneratorTests
{
    [Fact]
    public void Making_a_network_leaves_the_global_generator_as_it_was()
    {
        using var scope = NewDisposeScope();
        var before = get_rng_state();
        Networks.HrsMnist(1).Dispose();
        Networks.MobileNetV2(1).Dispose();
        get_rng_state().eq(before).all().ToBoolean().Should().BeTrue();
    }
}
