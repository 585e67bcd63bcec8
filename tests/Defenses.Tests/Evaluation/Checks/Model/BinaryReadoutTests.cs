using Defenses.Evaluation.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BinaryReadoutTests
{
    // Inner points −1 … 1 about a centre, the border at 3 from it: scores are −1 at the centre and 0 at the threshold between 1 (or the upper end) and 3.
    [Theory]
    [InlineData(0, 1, 0.99, 2.98)]
    [InlineData(10, 1, 0.99, 12.98)]
    [InlineData(10, 0.6, 0.5, 11.5)]   // three of five lie at 0 or below: halfway from there
    [InlineData(0, 1, 0, 1)]
    public void The_score_is_minus_one_at_the_centre_and_nothing_at_the_threshold(double centre, double upperEnd, double closeness, double threshold)
    {
        using var scope = NewDisposeScope();
        var inner = tensor(new[] { -1, -0.5, 0, 0.5, 1 }).unsqueeze(1) + centre;
        var border = tensor(new[] { 3.0 }).unsqueeze(1) + centre;
        var readout = BinaryReadout.Fit(inner, border, border, upperEnd, closeness)!;
        (readout.Weight[0] * centre + readout.Bias).Should().BeApproximately(-1, 1e-9);
        (readout.Weight[0] * threshold + readout.Bias).Should().BeApproximately(0, 1e-9);
    }

    // Draws of the border decide the direction; the median of others the threshold, halfway from 1.
    [Fact]
    public void The_threshold_goes_by_the_median_of_other_draws()
    {
        using var scope = NewDisposeScope();
        var inner = tensor(new[] { -1, -0.5, 0, 0.5, 1 }).unsqueeze(1);
        var (border, again) = (tensor(new[] { 20.0, 30 }).unsqueeze(1), tensor(new[] { 9.0, 2, 3 }).unsqueeze(1));
        var readout = BinaryReadout.Fit(inner, border, again, 1, 0.5)!;
        (readout.Weight[0] * 2 + readout.Bias).Should().BeApproximately(0, 1e-9);
        readout.Bias.Should().BeApproximately(-1, 1e-9);
    }

    // Inner points twice as spread out along one axis: Fisher's direction trusts the other axis more.
    [Fact]
    public void The_direction_is_fishers_with_a_ridge_of_the_mean_variance()
    {
        using var scope = NewDisposeScope();
        var inner = tensor(new double[,] { { 2, 0 }, { -2, 0 }, { 0, 1 }, { 0, -1 } });   // variances 2 and ½, mean 1.25
        var border = tensor(new double[,] { { 4, 4 } });
        var readout = BinaryReadout.Fit(inner, border, border, 1, 0.5)!;
        (readout.Weight[1] / readout.Weight[0]).Should().BeApproximately((2 + 1.25) / (0.5 + 1.25), 1e-9);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    public void A_border_among_the_inner_points_cannot_be_told_from_them(double border)
    {
        using var scope = NewDisposeScope();
        var (inner, at) = (tensor(new[] { -1, -0.5, 0, 0.5, 1 }).unsqueeze(1), tensor(new[] { border }).unsqueeze(1));
        BinaryReadout.Fit(inner, at, at, 1, 0.99).Should().BeNull();
    }
}
