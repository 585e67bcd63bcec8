using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Chooses the test rate of defensive dropout: each rate is attacked separately, and the rate with the lowest attack
/// success within a budget of accuracy is chosen.</summary>
/// <remarks>
/// Use images that are neither used for training nor for reported results. Every rate is attacked with gradients averaged over draws, and
/// is judged on fresh draws. Rate 0 is always measured: accuracy losses are relative to it. Source: Wang et al. 2018
/// (Defensive Dropout, ICCAD), the search over test rates; differs: the trade-off is a budget of accuracy instead of a manual
/// choice, and the attack averages over draws.
/// </remarks>
public sealed class DropoutRateSearch
{
    private readonly Attack _attack;
    private readonly double[] _rates;

    /// <summary>A search over rates.</summary>
    /// <param name="attack">The attack on each rate, such as <see cref="CwPgd"/>.</param>
    /// <param name="rates">The test rates to try, each in [0, 1), all different; rate 0 is added.</param>
    /// <exception cref="ArgumentException">There are no rates, or one occurs twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate lies outside [0, 1).</exception>
    public DropoutRateSearch(Attack attack, IReadOnlyList<double> rates)
    {
        _attack = Require.NotNull(attack, nameof(attack));
        foreach (var rate in Require.NotEmpty(rates, nameof(rates))) Require.Below(rate, 0, 1, nameof(rates));
        if (rates.Distinct().Count() < rates.Count) throw new ArgumentException($"rates must differ; they are {string.Join(", ", rates)}.", nameof(rates));
        _rates = [.. rates.Append(0).Distinct().Order()];
    }

    /// <summary>The accuracy that may be lost against rate 0, a fraction in [0, 1); by default 0.01, one point.</summary>
    public double MaxLoss { get; init => field = Require.Below(value, 0, 1, nameof(MaxLoss)); } = 0.01;

    /// <summary>The judge's fresh draws of each image, at least 1; by default 20.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 20;

    /// <summary>Draws over which the attack averages its gradients, at least 1; by default 10.</summary>
    public int EotDraws { get; init => field = Require.AtLeast(value, 1, nameof(EotDraws)); } = 10;

    /// <summary>The seed of attack and judge; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Measures every rate. The network's own rates are restored afterwards, also after an exception.</summary>
    /// <param name="model">A network with <see cref="DefensiveDropout"/> layers, all of which get the tested rate, in evaluation mode.</param>
    /// <param name="images">Validation images within the model's bounds, (N, …).</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="progress">Receives the share of the work done, from 0 to 1, before each rate.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The network has no such layer, or images or labels are invalid.</exception>
    public DropoutRateCurve Run(
        Classifier model, Tensor images, Tensor labels, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var layers = Require.NotNull(model, nameof(model)).Network.StochasticLayers().Select(found => found.Layer).OfType<DefensiveDropout>().ToArray();
        if (layers.Length == 0)
            throw new ArgumentException("model must hold a DefensiveDropout layer; it has none. Insert one with InsertAfter (Defenses.Retrofit).",
                nameof(model));
        var before = Array.ConvertAll(layers, layer => layer.Rate);
        var seed = Seed ?? Seeds.Unpredictable();
        try
        {
            var points = new List<DropoutRatePoint>();
            foreach (var rate in _rates)
            {
                progress?.Report((double)points.Count / _rates.Length);
                foreach (var layer in layers) layer.Rate = rate;
                var (accuracy, success) = Measure(model, images, labels, seed, cancellation);
                var loss = ProportionDifference.Between(points.FirstOrDefault()?.Accuracy ?? accuracy, accuracy);
                points.Add(new DropoutRatePoint(rate, accuracy, loss, success));
            }

            progress?.Report(1);
            var affordable = points.Where(point => point.Rate == 0 || point.AccuracyLoss.Value <= MaxLoss);
            return new DropoutRateCurve(affordable.MinBy(point => point.Success?.Rate ?? 1)!.Rate, points);
        }
        finally
        {
            foreach (var (layer, rate) in layers.Zip(before)) layer.Rate = rate;
        }
    }

    private (Proportion Accuracy, Proportion? Success) Measure(Classifier model, Tensor images, Tensor labels, ulong seed, CancellationToken cancellation)
    {
        var judge = new Judge(Draws) { Seed = Seeds.Combine(seed, "judge") };
        var clean = judge.Measure(model, images, labels, cancellation: cancellation);
        using var attacked = (_attack with { Seed = Seeds.Combine(seed, "attack") }).Run(new Eot(model, EotDraws), images, labels, cancellation: cancellation);
        var rates = AttackRates.From(clean, judge.Measure(model, attacked.Adversarial, labels, cancellation: cancellation));
        return (clean.Accuracy.MeanDraw, rates.Success?.MeanDraw);
    }
}

/// <summary>The result of a search for the rate of defensive dropout.</summary>
/// <param name="Rate">The rate with the lowest attack success within the budget of accuracy (the smaller one in a tie).</param>
/// <param name="Points">All rates that were measured, rate 0 first.</param>
public sealed record DropoutRateCurve(double Rate, IReadOnlyList<DropoutRatePoint> Points);

/// <summary>Cost and gain of one rate of defensive dropout.</summary>
/// <param name="Rate">The probability that a unit is dropped at test time.</param>
/// <param name="Accuracy">The accuracy of single draws without an attack.</param>
/// <param name="AccuracyLoss">The accuracy lost against rate 0, on the same images; negative for a gain.</param>
/// <param name="Success">The attack's success rate at this rate, on images recognized without attack; null if there are none.</param>
public sealed record DropoutRatePoint(double Rate, Proportion Accuracy, Estimate AccuracyLoss, Proportion? Success);
