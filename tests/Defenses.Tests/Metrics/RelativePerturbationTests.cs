using Defenses.Attacks;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Metrics;

public sealed class RelativePerturbationTests : MetricContract
{
    // Images (3, 4) and (0, 5), perturbations (0, 1) and (3, 4): L2 1/5 and 5/5, L∞ 1/4 and 4/5.
    [Fact]
    public void Is_the_mean_of_the_quotients_in_each_norm()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Images();
        var fooled = tensor(new[] { true, true });
        RelativePerturbation.Measure(x, y, fooled).All.Value.Should().BeApproximately(0.6, 1e-7);
        RelativePerturbation.Measure(x, y, fooled, Norm.Linf).All.Value.Should().BeApproximately((0.25 + 0.8) / 2, 1e-7);
        RelativePerturbation.Measure(x, y, fooled, Norm.L1).All.Value.Should().BeApproximately((1 / 7d + 7 / 5d) / 2, 1e-7);
        RelativePerturbation.Each(x, y).Should().Equal([0.2, 1], (ours, expected) => Math.Abs(ours - expected) < 1e-7);
    }

    [Fact]
    public void The_fooled_are_averaged_alone()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Images();
        var size = RelativePerturbation.Measure(x, y, tensor(new[] { false, true }));
        size.Fooled!.Value.Should().BeApproximately(1, 1e-7);
        size.All.Value.Should().BeApproximately(0.6, 1e-7);
        (size.Count, size.FooledCount).Should().Be((2, 1));
        RelativePerturbation.Measure(x, y, tensor(new[] { false, false })).Fooled.Should().BeNull();
    }

    // Normalised by mean 1 and deviation 2 the perturbations are halved, the images (1, 1.5) and (−0.5, 2).
    [Fact]
    public void Normalisation_changes_what_the_images_are_measured_by()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Images();
        var size = RelativePerturbation.Measure(x, y, tensor(new[] { true, true }), preprocessing: Preprocessing.Normalize([1], [2]));
        size.All.Value.Should().BeApproximately((0.5 / Math.Sqrt(3.25) + 2.5 / Math.Sqrt(4.25)) / 2, 1e-6);
    }

    [Fact]
    public void An_untouched_image_counts_as_zero()
    {
        using var scope = NewDisposeScope();
        var (x, _) = Images();
        RelativePerturbation.Measure(x, x, tensor(new[] { true, false })).All.Should().Be(new Defenses.Statistics.Estimate(0, 0, 0));
    }

    protected override IReadOnlyList<double> Compute()
    {
        using var scope = NewDisposeScope();
        var (x, y) = Images();
        var size = RelativePerturbation.Measure(x, y, tensor(new[] { true, true }));
        return [size.All.Value, size.All.Lower, size.Fooled!.Upper];
    }

    protected override IEnumerable<Extreme> Extremes
    {
        get
        {
            using var scope = NewDisposeScope();
            var (x, fooled) = (Images().X, tensor(new[] { true, true }));
            yield return Extreme.Of("untouched", RelativePerturbation.Measure(x, x, fooled).All, 0);
            yield return Extreme.Of("wiped out", RelativePerturbation.Measure(x, zeros_like(x), fooled).Fooled!, 1);
            yield return Extreme.Of("turned to its negative", RelativePerturbation.Measure(x, -x, fooled).All, 2);
        }
    }

    protected override IEnumerable<(string Argument, Action Call)> Refused
    {
        get
        {
            using var scope = NewDisposeScope();
            var (x, y) = Images();
            var fooled = tensor(new[] { true, true });
            yield return ("original", () => RelativePerturbation.Measure(null!, y, fooled));
            yield return ("original", () => RelativePerturbation.Measure(x * 0, y, fooled));
            yield return ("original", () => RelativePerturbation.Measure(x * double.NaN, y, fooled));
            yield return ("adversarial", () => RelativePerturbation.Measure(x, y / 0, fooled));
            yield return ("adversarial", () => RelativePerturbation.Measure(x, y.narrow(0, 0, 1), fooled));
            yield return ("adversarial", () => RelativePerturbation.Measure(x, y.to_type(ScalarType.Int64), fooled));
            yield return ("fooled", () => RelativePerturbation.Measure(x, y, null!));
            yield return ("fooled", () => RelativePerturbation.Measure(x, y, tensor(new[] { true })));
            yield return ("fooled", () => RelativePerturbation.Measure(x, y, tensor(new[] { 1L, 1L })));
            yield return ("confidence", () => RelativePerturbation.Measure(x, y, fooled, confidence: 0));
        }
    }

    private static (Tensor X, Tensor Y) Images()
    {
        var x = tensor(new[] { 3f, 4, 0, 5 }).view(2, 2);
        return (x, x + tensor(new[] { 0f, 1, 3, 4 }).view(2, 2));
    }
}
