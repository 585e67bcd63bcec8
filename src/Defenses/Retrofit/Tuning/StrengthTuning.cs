using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>Finds how strong a layer may be before it costs more clean accuracy than it is allowed to.</summary>
public static class StrengthTuning
{
    /// <summary>Bisects a layer's strength (κ, σ, rate, draws) against a budget of clean accuracy, on validation images.</summary>
    /// <remarks>
    /// <para>A setting passes when the upper confidence bound on the drop it causes is within the budget. The drop is paired, image by
    /// image: the mean loss (right before, wrong now) minus the mean gain, each bounded by Clopper and Pearson's limits for a mean over images. All
    /// bounds of a curve hold together with the chosen confidence (Bonferroni), however the search went.</para>
    /// <para>Draws are fresh and the same for every setting; the model's own streams, modes and flags stay untouched. Afterwards the
    /// layers are at the chosen strength, or at the weakest when no setting passed; after an exception the strength is the last one tried.</para>
    /// <para>The curve of accuracy against strength is figure 4 of the JumpReLU paper (Erichson et al. 2019).</para>
    /// </remarks>
    /// <param name="model">The network with its layers; gives one score per class, (N, …) → (N, classes).</param>
    /// <param name="setStrength">Sets the strength of the layers; a stronger setting must not be more accurate.</param>
    /// <param name="search">The range, the budget and the confidence.</param>
    /// <param name="images">Validation inputs of the network itself (behind any preprocessing), (N, …), not used for training.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="baseline">What to compare with; by default (null) the model at the weakest strength.</param>
    /// <param name="progress">Told of every setting measured.</param>
    /// <param name="cancellation">Stops the search with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">Wrong shapes or labels, an empty range, or too few images for the budget; the message says how many are needed.</exception>
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
        var measure = new AccuracyMeasure(images, labels, search);
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
        var needed = (long)Math.Ceiling(Math.Log(alpha) / Math.Log(1 - search.MaxDrop));   // so many losses of 0 give the bound MaxDrop
        if (images < needed)
            throw new ArgumentException(
                $"images must hold at least {needed} examples to bound a drop of {search.MaxDrop} with {search.Tests} tests at confidence {search.Confidence}; " +
                $"it holds {images}. Give more, or allow a larger MaxDrop or fewer Steps.", nameof(images));
    }

    private static StrengthPoint Point(double strength, double[] before, double[] now, double alpha)
    {
        var loss = before.Zip(now, (b, n) => Math.Max(b - n, 0)).Average();
        var gain = before.Zip(now, (b, n) => Math.Max(n - b, 0)).Average();
        var bound = Interval(loss, before.Length, alpha).Upper - Interval(gain, before.Length, alpha).Lower;
        return new StrengthPoint(strength, now.Average(), loss - gain, bound);
    }

    // Each end holds but for a chance of alpha.
    private static Interval Interval(double mean, long count, double alpha) =>
        BoundedMean.ClopperPearson(Math.Clamp(mean, 0, 1) * count, count, 1 - 2 * alpha);
}
