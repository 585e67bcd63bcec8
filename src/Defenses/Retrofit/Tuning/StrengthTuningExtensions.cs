using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>Finds the strongest setting of a layer within a budget of clean accuracy.</summary>
public static class StrengthTuningExtensions
{
    /// <summary>Bisects a layer's strength (κ, σ, rate, draws) against a budget of clean accuracy, on validation images.</summary>
    /// <remarks>
    /// <para>A setting passes when the upper confidence bound on the drop it causes is within the budget. The drop is paired, image by
    /// image: the mean loss (right before, wrong now) minus the mean gain, each bounded by Clopper and Pearson's limits for a mean over images. All
    /// bounds of a curve hold together with the chosen confidence (Bonferroni), for every course of the search.</para>
    /// <para>Draws are fresh and the same for every setting; the model's own streams, modes and flags do not change. Afterwards the
    /// layers have the chosen strength, or the weakest if no setting passed; after an exception they have the last strength tried.</para>
    /// <para>The curve of accuracy against strength is figure 4 of the JumpReLU paper (Erichson et al. 2019).</para>
    /// </remarks>
    /// <param name="model">The network with its layers; gives one score per class, (N, …) → (N, classes).</param>
    /// <param name="setStrength">Sets the strength of the layers; a stronger setting must not be more accurate.</param>
    /// <param name="search">The range, the budget and the confidence.</param>
    /// <param name="images">Validation inputs of the network itself (behind any preprocessing), (N, …), not used for training.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="baseline">The model to compare with; by default (null) the model at the weakest strength.</param>
    /// <param name="progress">Receives a report for every measured setting.</param>
    /// <param name="cancellation">Stops the search with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">Wrong shapes or labels, an empty range, or too few images for the budget; the
    /// message gives the number needed.</exception>
    public static StrengthCurve TuneStrength(
        this nn.Module<Tensor, Tensor> model, Action<double> setStrength, StrengthSearch search, Tensor images, Tensor labels,
        nn.Module<Tensor, Tensor>? baseline = null, IProgress<StrengthPoint>? progress = null, CancellationToken cancellation = default)
    {
        Require.NotNull(model, nameof(model));
        Require.NotNull(setStrength, nameof(setStrength));
        Require.NotNull(search, nameof(search));
        Require.Batch(images, nameof(images));
        var alpha = (1 - search.Confidence) / (2 * search.Tests);   // per bound: a loss and a gain for each test
        RequireEnough(images.shape[0], search, alpha);
        var measure = new PairedAccuracy(images, labels, search);
        setStrength(search.Weakest);
        var before = measure.Shares(baseline ?? model, cancellation);
        var bisection = new StrengthBisection(search, strength =>
        {
            setStrength(strength);
            var point = Point(strength, before, measure.Shares(model, cancellation), alpha);
            progress?.Report(point);
            return point;
        });
        var curve = bisection.Run() with { BaselineAccuracy = before.Average() };
        setStrength(curve.Strength ?? search.Weakest);
        return curve;
    }

    private static void RequireEnough(long images, StrengthSearch search, double alpha)
    {
        if (search.Weakest == search.Strongest)
            throw new ArgumentException($"search must span a range; Weakest and Strongest are both {search.Weakest}.", nameof(search));
        var needed = (long)Math.Ceiling(Math.Log(alpha) / Math.Log(1 - search.MaxDrop));   // this many losses of 0 give the bound MaxDrop
        if (images < needed)
            throw new ArgumentException(
                $"images must hold at least {needed} examples to bound a drop of {search.MaxDrop} with {search.Tests} tests at " +
                $"confidence {search.Confidence}; it holds {images}. Give more, or allow a larger MaxDrop or fewer Steps.", nameof(images));
    }

    private static StrengthPoint Point(double strength, double[] before, double[] now, double alpha)
    {
        var loss = before.Zip(now, (b, n) => Math.Max(b - n, 0)).Average();
        var gain = before.Zip(now, (b, n) => Math.Max(n - b, 0)).Average();
        var bound = Interval(loss, before.Length, alpha).Upper - Interval(gain, before.Length, alpha).Lower;
        return new StrengthPoint(strength, now.Average(), loss - gain, bound);
    }

    // Each end fails with a probability of at most alpha.
    private static Interval Interval(double mean, long count, double alpha) =>
        BoundedMean.ClopperPearson(Math.Clamp(mean, 0, 1) * count, count, 1 - 2 * alpha);
}

/// <summary>The share of draws in which a network recognizes each image. The fresh draws are the same for every network and setting.</summary>
internal sealed class PairedAccuracy
{
    private readonly Tensor _images, _labels;
    private readonly StrengthSearch _search;
    private readonly ulong _seed;

    internal PairedAccuracy(Tensor images, Tensor labels, StrengthSearch search)
    {
        (_images, _labels, _search) = (images, labels, search);
        _seed = search.Seed ?? Seeds.Unpredictable();
        Require.Labels(labels, images.shape[0], long.MaxValue, nameof(labels));
    }

    /// <summary>The share of draws in which each image is recognized: 0 or 1 for a network that does not draw.</summary>
    internal double[] Shares(nn.Module<Tensor, Tensor> network, CancellationToken cancellation)
    {
        using var mode = new EvaluationMode(network);
        using var streams = network.LendStreams(_seed);
        using var noGrad = no_grad();
        var draws = network.IsRandom() ? _search.Draws : 1;
        var shares = new List<double>();
        for (long start = 0; start < _images.shape[0]; start += _search.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(_search.BatchSize, _images.shape[0] - start);
            using var scope = NewDisposeScope();
            shares.AddRange(Right(network, _images.narrow(0, start, count), _labels.narrow(0, start, count), draws).data<double>());
        }
        return [.. shares];
    }

    private static Tensor Right(nn.Module<Tensor, Tensor> network, Tensor x, Tensor labels, int draws)
    {
        using var scope = NewDisposeScope();
        var right = zeros_like(labels, dtype: ScalarType.Float64);
        for (var draw = 0; draw < draws; draw++)
        {
            using var recognized = Accuracy.Recognized(network, x, labels);
            right.add_(recognized);
        }
        return right.div_(draws).cpu().MoveToOuterDisposeScope();
    }
}

/// <summary>The search itself: both ends, then halving between the strongest setting that passed and the weakest that failed.</summary>
/// <param name="search">The range, the budget and the number of steps.</param>
/// <param name="measure">Sets a strength and measures it.</param>
internal sealed class StrengthBisection(StrengthSearch search, Func<double, StrengthPoint> measure)
{
    private readonly List<StrengthPoint> _points = [];

    internal StrengthCurve Run()
    {
        var strength = Find();
        var ordered = search.Weakest < search.Strongest ? _points.OrderBy(point => point.Strength) : _points.OrderByDescending(point => point.Strength);
        return new StrengthCurve(strength, double.NaN, [.. ordered]);
    }

    private double? Find()
    {
        if (Passes(search.Strongest)) return search.Strongest;
        if (!Passes(search.Weakest)) return null;
        var (passed, failed) = (search.Weakest, search.Strongest);
        for (var step = 0; step < search.Steps; step++)
        {
            var middle = (passed + failed) / 2;
            if (Passes(middle)) passed = middle;
            else failed = middle;
        }
        return passed;
    }

    private bool Passes(double strength)
    {
        var point = measure(strength);
        _points.Add(point);
        return point.DropBound <= search.MaxDrop;
    }
}
