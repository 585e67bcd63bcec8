using Defenses.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class PerExampleBallTests
{
    [Theory]
    [InlineData("L0")]
    [InlineData("L1")]
    [InlineData("L2")]
    [InlineData("Linf")]
    public void Each_example_is_projected_onto_a_ball_of_its_own(string normName)
    {
        using var scope = NewDisposeScope();
        var (norm, points, radii) = (Norms.ByName(normName), Numbers.Normal([4, 3, 5], seed: 3), new[] { 0f, 1.5f, 2f, 100f });
        var all = PerExampleBall.Project(norm, points, tensor(radii));
        for (var i = 0; i < radii.Length; i++)
            (all.narrow(0, i, 1) - norm.Project(points.narrow(0, i, 1), radii[i])).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void In_l0_equal_changes_do_not_exceed_the_number()
    {
        using var scope = NewDisposeScope();
        var projected = PerExampleBall.Project(Norm.L0, ones(3, 7), tensor(new[] { 0f, 2.9f, 7f }));
        Norm.L0.Size(projected).data<float>().ToArray().Should().Equal(0f, 2f, 7f);
    }
}
