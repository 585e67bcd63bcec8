using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Metrics;

/// <summary>How many predictions stay the same under random noise or compression.</summary>
/// <remarks>
/// Each image is predicted once unchanged, then once for each change. A random model also changes its predictions without noise: noise of size 0
/// measures how often. To measure a vote or an average, make it part of the model's network. Source: Ge et al. 2020 (Random Spiking),
/// prediction stability: the first 1,000 test images, 20 directions each.
/// </remarks>
public static class PredictionStability
{
    private const long RowsPerPass = 250;   // bounds memory

    /// <summary>Under Gaussian noise: a normal direction scaled to the given L2 length, the sum clipped to the bounds.</summary>
    /// <param name="model">The deployed model, in evaluation mode.</param>
    /// <param name="x">Images within its bounds, (N, …), floating point.</param>
    /// <param name="distance">The L2 length of the noise before clipping, in the units of the bounds, 0 or above.</param>
    /// <param name="labels">Their classes, (N,) int64, if the accuracy is also wanted.</param>
    /// <param name="repeats">The number of noise samples for each image, at least 1; by default 20.</param>
    /// <param name="seed">The seed of noise and draws; by default (null) unpredictable.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode.</exception>
    public static PredictionStabilityResult UnderNoise(
        ModelView model, Tensor x, double distance, Tensor? labels = null, int repeats = 20, ulong? seed = null, double confidence = 0.95)
    {
        Require.NotNull(model, nameof(model));
        Require.NotNegative(distance, nameof(distance));
        Require.AtLeast(repeats, 1, nameof(repeats));
        using var random = new RandomSource(seed is { } s ? Seeds.Combine(s, nameof(PredictionStability)) : null);
        return Measure(model, x, labels, repeats, seed, confidence, part =>
            (part + Norm.L2.SteepestDirection(random.Normal(part)) * distance).clamp(model.Bounds.Lower, model.Bounds.Upper));
    }

    /// <summary>Under JPEG compression at a quality.</summary>
    /// <param name="model">The deployed model, in evaluation mode.</param>
    /// <param name="x">Images within its bounds, (N, 1, H, W) or (N, 3, H, W), floating point; the bounds are taken as black and white.</param>
    /// <param name="quality">libjpeg's quality, 1 to 100; 10 to 100 in the paper.</param>
    /// <param name="labels">Their classes, (N,) int64, if the accuracy is also wanted.</param>
    /// <param name="repeats">Predictions of each compressed image, at least 1 (default); more than one is useful for a random model.</param>
    /// <param name="seed">The seed of the draws; by default (null) unpredictable.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode.</exception>
    public static PredictionStabilityResult UnderJpeg(
        ModelView model, Tensor x, int quality, Tensor? labels = null, int repeats = 1, ulong? seed = null, double confidence = 0.95)
    {
        Require.NotNull(model, nameof(model));
        Require.Within(quality, 1, 100, nameof(quality));
        Require.AtLeast(repeats, 1, nameof(repeats));
        if (Require.ImageBatch(x, nameof(x)).shape[1] is not (1 or 3))
            throw new ArgumentException($"x must have one channel (grey) or three (red, green, blue); it has shape {Require.Shape(x)}.", nameof(x));
        using var jpeg = new JpegCompression(quality);
        var bounds = model.Bounds;
        return Measure(model, x, labels, repeats, seed, confidence, part => jpeg.call((part - bounds.Lower) / bounds.Range) * bounds.Range + bounds.Lower);
    }

    private static PredictionStabilityResult Measure(
        ModelView model, Tensor x, Tensor? labels, int repeats, ulong? seed, double confidence, Func<Tensor, Tensor> change)
    {
        model.RequireEvaluation();
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        Confidence.Check(confidence, nameof(confidence));
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(seed);
        x = model.Bounds.Clip(x);
        using (model.ComputeLogits(x.narrow(0, 0, 1)))
            if (labels is not null) Require.Labels(labels, x.shape[0], model.Classes, nameof(labels));
        long same = 0, right = 0, rows = x.shape[0];
        for (long first = 0; first < rows; first += RowsPerPass)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(RowsPerPass, rows - first);
            var part = x.narrow(0, first, count);
            var before = model.ComputeLogits(part).argmax(1);
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                using var pass = NewDisposeScope();
                var after = model.ComputeLogits(change(part)).argmax(1);
                same += after.eq(before).sum().ToInt64();
                if (labels is not null) right += after.eq(labels.narrow(0, first, count)).sum().ToInt64();
            }
        }
        return new PredictionStabilityResult(
            new((double)same / repeats, rows, confidence), labels is null ? null : new((double)right / repeats, rows, confidence), repeats);
    }
}

/// <summary>How many predictions stay the same after a harmless change of the image.</summary>
/// <param name="Unchanged">
/// The share of changed images that are recognized as the same class as the unchanged one. The trials are the images; each counts as the mean of
/// its repeats.
/// </param>
/// <param name="Accuracy">The share of changed images that are recognized as their label, counted likewise; null without labels.</param>
/// <param name="Repeats">How often each image was changed.</param>
public sealed record PredictionStabilityResult(Proportion Unchanged, Proportion? Accuracy, int Repeats);
