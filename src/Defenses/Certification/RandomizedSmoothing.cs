using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using MathNet.Numerics.Distributions;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Certification;

/// <summary>
/// The smoothed classifier g(x) = argmax P(f(x + n) = c), n ~ N(0, σ²) on every element, and its guarantee: if a class has at least the
/// probability p, no perturbation shorter in L2 than σ·Φ⁻¹(p) changes the prediction.
/// </summary>
/// <remarks>
/// <para>Any base classifier can be used, also a random one: the proof needs only a probability of each class for each input. Each
/// image has its own streams, hash(seed, its number), so that batches change no certificate. Noisy images are not clipped to the bounds.</para>
/// <para>Source: Cohen, Rosenfeld and Kolter 2019, theorem 1 and the algorithms PREDICT and CERTIFY: the class is selected by one set of draws and its
/// probability is bounded by another (Clopper and Pearson, one-sided).</para>
/// </remarks>
public sealed class RandomizedSmoothing
{
    private readonly ModelView _model;

    /// <summary>Smooths a model.</summary>
    /// <param name="model">The base classifier, in evaluation mode; it should be trained with the same noise
    /// (<see cref="Training.GaussianAugmentation"/>).</param>
    /// <param name="std">σ, in the units of the model's bounds, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">σ is not a finite number above 0.</exception>
    public RandomizedSmoothing(ModelView model, double std)
    {
        _model = Require.NotNull(model, nameof(model));
        Std = Require.Positive(std, nameof(std));
    }

    /// <summary>σ of the noise, in the units of the model's bounds.</summary>
    public double Std { get; }

    /// <summary>Draws that select the class, at least 1; by default 100.</summary>
    public long SelectionDraws { get; init => field = Require.AtLeast(value, 1, nameof(SelectionDraws)); } = 100;

    /// <summary>Separate draws that bound its probability, at least 1; by default 100,000. More draws allow larger radii:
    /// with n draws the largest is σ·Φ⁻¹(α^(1/n)).</summary>
    public long EstimationDraws { get; init => field = Require.AtLeast(value, 1, nameof(EstimationDraws)); } = 100_000;

    /// <summary>α, the largest error probability of each certificate and prediction, between 0 and 1; by default 0.001.</summary>
    public double Alpha { get; init => field = Confidence.Check(value, nameof(Alpha)); } = 0.001;

    /// <summary>The largest number of draws in one pass, at least 1; by default 256. It bounds the memory.</summary>
    public int RowsPerPass { get; init => field = Require.AtLeast(value, 1, nameof(RowsPerPass)); } = 256;

    /// <summary>The seed of the noise and of the model's draws; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Certifies each image.</summary>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="firstIndex">The number of the first image, 0 or above, when x is a part of a larger set; 0 by default.</param>
    /// <param name="progress">Receives a report after every image.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, or its output is not logits.</exception>
    public IReadOnlyList<Certificate> Certify(
        Tensor x, long firstIndex = 0, IProgress<CertificationProgress>? progress = null, CancellationToken cancellation = default) =>
        ForEachImage(x, firstIndex, "certify", progress, cancellation, (count, index, seed) =>
        {
            var chosen = Largest(count(SelectionDraws, Seeds.Combine(seed, "select")));
            var votes = count(EstimationDraws, Seeds.Combine(seed, "estimate"))[chosen];
            var probability = BinomialInterval.ClopperPearsonLower(votes, EstimationDraws, 1 - Alpha);
            var radius = probability > 0.5 ? Std * Normal.InvCDF(0, 1, probability) : 0;
            return new Certificate(index, chosen, radius, probability, votes, EstimationDraws);
        });

    /// <summary>Predicts the class of each image, or abstains.</summary>
    /// <param name="x">Images within the model's bounds, (N, …), floating point.</param>
    /// <param name="draws">Draws for one prediction, at least 1; by default 1000. With few draws it abstains often.</param>
    /// <param name="firstIndex">The number of the first image, 0 or above, when x is a part of a larger set; 0 by default.</param>
    /// <param name="progress">Receives a report after every image.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype or value.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, or its output is not logits.</exception>
    public IReadOnlyList<SmoothedPrediction> Predict(
        Tensor x, int draws = 1000, long firstIndex = 0, IProgress<CertificationProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require.AtLeast(draws, 1, nameof(draws));
        return ForEachImage(x, firstIndex, "predict", progress, cancellation, (count, index, seed) =>
        {
            var votes = count(draws, seed);
            var first = Largest(votes);
            var second = votes.Where((_, place) => place != first).Max();
            var value = McNemar.PValue(votes[first], second);   // fair coins, two-sided
            return new SmoothedPrediction(index, first, value > Alpha, votes[first], second, value);
        });
    }

    /// <summary>Calls <paramref name="make"/> for each image with a function that counts votes on it, its number, and its seed.</summary>
    internal IReadOnlyList<T> ForEachImage<T>(
        Tensor x, long firstIndex, string purpose, IProgress<CertificationProgress>? progress, CancellationToken cancellation,
        Func<Func<long, ulong, long[]>, long, ulong, T> make)
    {
        _model.RequireEvaluation();
        Require.Images(x, _model.Bounds.Lower, _model.Bounds.Upper, nameof(x));
        Require.AtLeast(firstIndex, 0, nameof(firstIndex));
        var seed = Seeds.Combine(Seed ?? Seeds.Unpredictable(), purpose);
        var votes = new NoisyVotes(_model, Std, RowsPerPass);
        var results = new List<T>();
        for (var row = 0L; row < x.shape[0]; row++)
        {
            using var image = x.narrow(0, row, 1);
            results.Add(make((draws, from) => votes.Count(image, draws, from, cancellation), firstIndex + row, Seeds.Combine(seed, firstIndex + row)));
            progress?.Report(new CertificationProgress(row + 1, x.shape[0]));
        }
        return results;
    }

    private static int Largest(long[] votes) => Array.IndexOf(votes, votes.Max());
}

/// <summary>The prediction of a smoothed classifier for one image.</summary>
/// <remarks>If it does not abstain, the class is the most probable one under noise, except with a probability of at most α over the draws.</remarks>
/// <param name="Index">The image's number.</param>
/// <param name="Class">The class with the most votes (the smallest in a tie); not a prediction if it abstains.</param>
/// <param name="Abstains">Whether the votes are too close for a prediction.</param>
/// <param name="Votes">Votes for the class.</param>
/// <param name="OtherVotes">Votes for the runner-up.</param>
/// <param name="PValue">The probability that fair coins would split the votes of the two at least as unevenly.</param>
public sealed record SmoothedPrediction(long Index, long Class, bool Abstains, long Votes, long OtherVotes, double PValue);

/// <summary>The progress of a certification.</summary>
/// <param name="Done">Images done.</param>
/// <param name="Total">Images in all.</param>
public readonly record struct CertificationProgress(long Done, long Total);

/// <summary>Counts the predictions of a model for one image under Gaussian noise, in passes of bounded size.</summary>
/// <param name="model">The base classifier.</param>
/// <param name="std">σ of the noise.</param>
/// <param name="rows">The largest number of draws in one pass.</param>
internal sealed class NoisyVotes(ModelView model, double std, int rows)
{
    // Layers that draw once per batch would make the draws of a pass dependent, and the counts would not be binomial.
    private readonly int _rows = model.IsRandom && !model.Networks.All(DrawFolding.Possible) ? 1 : rows;

    /// <summary>Votes for each class, of an image (1, …); a NaN output is no vote. The seed decides all draws.</summary>
    internal long[] Count(Tensor image, long draws, ulong seed, CancellationToken cancellation)
    {
        using var streams = model.LendStreams(Seeds.Combine(seed, "model"));
        using var noise = new RandomSource(Seeds.Combine(seed, "noise"));
        using var noGrad = no_grad();
        long[] counts = [];
        for (var left = draws; left > 0; left -= _rows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var like = empty([Math.Min(left, _rows), .. image.shape[1..]], dtype: image.dtype, device: image.device);
            var logits = model.ComputeLogits(noise.Normal(like, std).add_(image));
            var answers = logits.index_select(0, logits.isnan().any(1).logical_not().nonzero().squeeze(1));
            var votes = answers.shape[0] == 0 ? new long[logits.shape[1]] : Votes.Count(answers.unsqueeze(1)).flatten().cpu().data<long>().ToArray();
            counts = counts.Length == 0 ? votes : [.. counts.Zip(votes, (sum, next) => sum + next)];
        }
        return counts;
    }
}
