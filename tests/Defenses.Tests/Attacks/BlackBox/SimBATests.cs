using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class SimBATests : AttackContract<SimBA>
{
    protected override double? Budget => 1;

    protected override SimBA Create() => new(1) { Candidates = 100 };

    protected override int LostToLargeLogits => 2;
}

public sealed class SimBAPixelsTests : AttackContract<SimBA>
{
    protected override double? Budget => 0.3;

    protected override SimBA Create() => new(0.3) { Norm = Norm.Linf, Basis = SimBABasis.Pixels, Candidates = 60 };

    [Fact]
    public void Finds_every_example_that_a_corner_of_the_ball_breaks_in_one_pass_over_the_pixels() => ScoreSearch.FindsExactlyWhatACornerBreaks(
        12, epsilon => new SimBA(epsilon) { Norm = Norm.Linf, Basis = SimBABasis.Pixels, Candidates = 12, Seed = 1 },
        mostQueries: 2 + 24 + 1);   // one query or two for each element

    [Theory]
    [InlineData(SimBABasis.Waves)]
    [InlineData(SimBABasis.Pixels)]
    public void Breaks_images_of_planes(SimBABasis basis) =>
        ScoreSearch.BreaksImagesOfPlanes(new SimBA(0.6) { Basis = basis, Candidates = 400, Seed = 1 });

    [Fact]
    public void Waves_are_orthonormal()
    {
        using var scope = NewDisposeScope();
        var waves = CosineWaves.Rows(arange(9, dtype: ScalarType.Int64), 9, ScalarType.Float64);
        (waves.matmul(waves.t()) - eye(9, dtype: ScalarType.Float64)).abs().max().ToDouble().Should().BeLessThan(1e-12);
    }
}
