using Defenses.Detection;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every detector. Derive once for each; a convention test requires it.</summary>
public abstract class DetectorContract : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public virtual void Dispose()
    {
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A detector, its draws from the seed.</summary>
    protected abstract Detector Make(ulong? seed = 1);

    /// <summary>At least 40 clean images that are not known to the detector.</summary>
    protected abstract Tensor Clean { get; }

    /// <summary>At least 20 images that the detector must flag.</summary>
    protected abstract Tensor Attacked { get; }

    /// <summary>The network behind the detector; its state must not change.</summary>
    protected abstract nn.Module<Tensor, Tensor> Network { get; }

    [Fact]
    public void Each_image_has_one_finite_score()
    {
        var scores = Make().Score(Clean);
        scores.shape.Should().Equal(Clean.shape[0]);
        Numbers.Of(scores).Should().OnlyContain(score => double.IsFinite(score));
    }

    [Fact]
    public void Large_logits_and_pixels_beyond_the_bounds_by_rounding_have_finite_scores()
    {
        var detector = Make();
        var slack = 5e-6 * (detector.Bounds.Upper - detector.Bounds.Lower);
        var clipped = Clean.clamp(detector.Bounds.Lower, detector.Bounds.Upper);
        var beyond = where(clipped.eq(detector.Bounds.Upper), clipped + slack, where(clipped.eq(detector.Bounds.Lower), clipped - slack, clipped));
        Numbers.Of(detector.Score(beyond)).Should().Equal(Numbers.Of(Make().Score(clipped)), "images are clipped first");
        var last = Network.parameters().TakeLast(2).ToArray();   // weight and bias of the last layer
        using var noGrad = no_grad();
        foreach (var weight in last) weight.mul_(1e4);
        try { Numbers.Of(detector.Score(Clean)).Should().OnlyContain(score => double.IsFinite(score)); }
        finally { foreach (var weight in last) weight.div_(1e4); }
    }

    [Fact]
    public void It_fires_on_what_is_attacked_and_not_on_what_is_clean()
    {
        var detector = Make();
        var (first, second) = (Clean.narrow(0, 0, Clean.shape[0] / 2), Clean.narrow(0, Clean.shape[0] / 2, Clean.shape[0] / 2));
        var threshold = detector.ThresholdFor(first, 0.1);
        threshold.Should().Be(RocCurve.Threshold(detector.Measure(first), 0.1));
        var curve = new RocCurve(detector.Measure(second), detector.Measure(Attacked));
        curve.FalsePositives(threshold, 0.999).Lower.Should().BeLessThan(0.1);
        curve.TruePositives(threshold).Rate.Should().BeGreaterThan(0.8);
        curve.Auc.Should().BeGreaterThan(0.9);
        new RocCurve(detector.Measure(first), detector.Measure(second)).AucWithin(0.999).Interval.Contains(0.5).Should().BeTrue("clean is clean");
    }

    [Fact]
    public void The_same_seed_gives_the_same_scores()
    {
        Numbers.Of(Make(3).Score(Clean)).Should().Equal(Numbers.Of(Make(3).Score(Clean)));
        var detector = Make(3);
        Numbers.Of(detector.Score(Attacked)).Should().Equal(Numbers.Of(detector.Score(Attacked)));
    }

    [Fact]
    public void Measured_scores_depend_on_the_place_of_an_image_only()
    {
        var detector = Make(3);
        var all = detector.Measure(Clean);
        detector.Measure(Clean.narrow(0, 0, 25)).Should().Equal(all.Take(20).Concat(detector.Measure(Clean.narrow(0, 0, 25)).Skip(20)));
        detector.Measure(Clean).Should().Equal(all);
        detector.Measure(Clean.narrow(0, 0, 20)).Should().Equal(all.Take(20));
    }

    [Fact]
    public void A_gradient_is_there_if_it_is_promised()
    {
        var detector = Make();
        var x = Attacked.narrow(0, 0, 8).detach().clone().requires_grad_(true);
        var score = detector.Score(x);
        score.requires_grad.Should().Be(detector.IsDifferentiable);
        if (!detector.IsDifferentiable) return;
        var gradient = autograd.grad([score.sum()], [x])[0];
        Numbers.Of(gradient).Should().OnlyContain(slope => double.IsFinite(slope)).And.Contain(slope => slope != 0);
        var norm = gradient.norm().ToDouble();
        var step = 0.02 * Math.Sqrt(x.numel()) / norm;
        var lower = detector.Score((x - gradient * step).clamp(detector.Bounds.Lower, detector.Bounds.Upper)).sum().ToDouble();
        lower.Should().BeLessThan(score.sum().ToDouble(), "the score falls along its negative gradient");
    }

    [Fact]
    public void The_network_stays_as_it_is()
    {
        var modes = Network.modules().Prepend(Network).Select(module => module.training).ToArray();
        var flags = Network.parameters().Select(weight => weight.requires_grad).ToArray();
        var detector = Make();
        detector.Score(Clean.requires_grad_(false));
        detector.Measure(Attacked);
        Network.modules().Prepend(Network).Select(module => module.training).Should().Equal(modes);
        Network.parameters().Select(weight => weight.requires_grad).Should().Equal(flags);
        Network.parameters().Any(weight => weight.grad is { IsInvalid: false }).Should().BeFalse();
        Network.StochasticLayers().All(found => found.Layer is { IsActive: true, FixedDraw: null }).Should().BeTrue();
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        var detector = Make();
        var (clean, attacked) = (Clean, Attacked);
        Leaks.None(() => detector.Score(clean).Dispose());
        Leaks.None(() => detector.Measure(attacked));
        Leaks.None(() => FluentActions.Invoking(() => detector.Score(clean * 7)).Should().Throw<ArgumentException>(), allowed: 1);
    }

    [Fact]
    public void Bad_images_are_refused()
    {
        var detector = Make();
        var (low, high) = (detector.Bounds.Lower, detector.Bounds.Upper);
        Tensor[] bad = [Clean.narrow(0, 0, 0), Clean[0].flatten(), Clean * double.NaN, Clean.to_type(ScalarType.Int64), Clean + (high - low) * 2,
            Clean - (high - low) * 2];
        foreach (var images in bad)
        {
            FluentActions.Invoking(() => detector.Score(images)).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("images");
            FluentActions.Invoking(() => detector.Measure(images)).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("images");
            FluentActions.Invoking(() => detector.ThresholdFor(images, 0.1)).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("clean");
        }
        FluentActions.Invoking(() => detector.Score(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => detector.ThresholdFor(Clean, 1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("falsePositiveRate");
    }

    [Fact]
    public void It_stops_when_cancelled()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        FluentActions.Invoking(() => Make().Measure(Clean, stop.Token)).Should().Throw<OperationCanceledException>();
    }
}
