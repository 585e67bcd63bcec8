using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

/// <summary>The same laws for draws with replacement.</summary>
public sealed class CategoricalMvmSamplingTests : MvmSamplingTests
{
    protected override SamplingMode Mode => SamplingMode.Categorical;

    [Fact]
    public void No_more_rows_are_kept_than_draws_are_made()
    {
        using var scope = NewDisposeScope();
        var layer = MvmSampling.WithDraws(5);
        layer.Mode = Mode;
        var kept = Numbers.Of(layer.call(ones(500, 2, 4, 4)).select(1, 0).gt(0).sum([1, 2]));
        kept.Should().OnlyContain(count => count >= 1 && count <= 5);
    }
}
