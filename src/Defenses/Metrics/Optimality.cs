using System.Globalization;
using Defenses.Randomness;
using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>How near the smallest changes that an attack finds come to the envelope: the smallest change of each image that any attack found.</summary>
/// <remarks>
/// A change is a number for each image: 0 where the model errs without an attack, the size of the smallest change that the attack found, or ∞ where it found
/// none. On a random model a change counts as found if the model errs in a majority of fresh draws that did not choose it; otherwise the attack with the most
/// tries has the luckiest draws.
/// Source: Cinà et al. 2024 (AttackBench). Differs: areas are exact, ∫R(ε)dε from 0 to D = mean of min(d, D); the authors' code takes the trapezoidal rule
/// from the smallest change on, which gives half of the area to an attack that never succeeds. Images that no attack broke count with D; the authors' code
/// leaves them out.
/// </remarks>
public static class Optimality
{
    private const int Resamples = 2000;

    /// <summary>The smallest change of each image over all attacks, (N,); ∞ where no attack found one.</summary>
    /// <param name="changes">For each attack the changes of the same N images, each 0 or above, or ∞. At least one attack.</param>
    /// <exception cref="ArgumentException">There is no attack or no image, the numbers of images differ, or a change is below 0 or NaN.</exception>
    public static IReadOnlyList<double> Envelope(IReadOnlyList<IReadOnlyList<double>> changes)
    {
        var images = Check(Require.NotEmpty(changes, nameof(changes))[0], nameof(changes)).Count;
        foreach (var attack in changes) Check(attack, nameof(changes), images);
        return [.. Enumerable.Range(0, images).Select(image => changes.Min(attack => attack[image]))];
    }

    /// <summary>Local optimality of an attack on one model: ξ = (A₀ − A)/(A₀ − A*), where A is the area under its curve of robust accuracy over ε from 0 to
    /// D, A* that of the envelope, A₀ that of an attack without any success, and D the largest finite change of the envelope.</summary>
    /// <remarks>1 on the envelope, 0 without any success. A number depends on all attacks of the envelope: one more attack may lower it. The interval is the
    /// percentile bootstrap over images, with D as it is; a resample in which no attack can find anything counts with ξ itself.</remarks>
    /// <param name="changes">The changes that the attack found, (N,).</param>
    /// <param name="envelope">The envelope of the same images, (N,): nowhere above <paramref name="changes"/>.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <param name="seed">The seed of the bootstrap; by default 0, so that the same changes give the same interval.</param>
    /// <returns>Null where nothing can be told apart: no image has an envelope above 0 and below D.</returns>
    /// <exception cref="ArgumentException">The lists differ in length, a change is below 0 or NaN, or the envelope is above a change.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static Estimate? Local(IReadOnlyList<double> changes, IReadOnlyList<double> envelope, double confidence = Confidence.Default, ulong seed = 0)
    {
        Confidence.Check(confidence, nameof(confidence));
        Check(changes, nameof(changes));
        Check(envelope, nameof(envelope), changes.Count);
        for (var image = 0; image < changes.Count; image++)
            if (envelope[image] > changes[image])
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"envelope must nowhere be above changes: of image {image} it is "
                    + $"{envelope[image]}, and the attack found {changes[image]}. Take the attack into the envelope."), nameof(envelope));
        var most = envelope.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        double[] gained = [.. changes.Zip(envelope, (change, least) => Below(change, least, most))];
        double[] possible = [.. envelope.Select(least => Below(least, least, most))];
        if (possible.Sum() <= 0) return null;
        var value = gained.Sum() / possible.Sum();
        using var random = new RandomSource(seed);
        var interval = Bootstrap.Percentile(changes.Count, taken =>
        {
            var whole = taken.Sum(image => possible[image]);
            return whole > 0 ? taken.Sum(image => gained[image]) / whole : value;
        }, random.Index, Resamples, confidence);
        return new Estimate(value, interval.Lower, interval.Upper);
    }

    /// <summary>Global optimality: the mean local optimality of an attack over models; null where no model has one.</summary>
    /// <param name="locals">Of each model what <see cref="Local"/> gave.</param>
    /// <exception cref="ArgumentException">There is no model.</exception>
    public static double? Global(IReadOnlyList<Estimate?> locals) =>
        Require.NotEmpty(locals, nameof(locals)).OfType<Estimate>().Select(local => (double?)local.Value).Average();

    /// <summary>The share of images that no change of size ε or less breaks, of those that were found.</summary>
    /// <param name="changes">The changes, (N,).</param>
    /// <param name="epsilon">ε, 0 or above.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There is no image, or a change is below 0 or NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">ε or the confidence is out of its range.</exception>
    public static Proportion RobustAccuracy(IReadOnlyList<double> changes, double epsilon, double confidence = Confidence.Default)
    {
        Require.NotNegative(epsilon, nameof(epsilon));
        Check(changes, nameof(changes));
        return new Proportion(changes.Count(change => change > epsilon), changes.Count, Confidence.Check(confidence, nameof(confidence)));
    }

    // The area above the curve that an image contributes, beyond what errors without an attack contribute.
    private static double Below(double change, double least, double most) => (least > 0 ? most : 0) - Math.Min(change, most);

    private static IReadOnlyList<double> Check(IReadOnlyList<double> changes, string name, int? images = null)
    {
        Require.NotEmpty(changes, name);
        if (images is { } count && changes.Count != count)
            throw new ArgumentException($"{name} must have a number for each of the {count} images; it has {changes.Count}.", name);
        foreach (var change in changes)
            if (!(change >= 0))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} must hold sizes, 0 or above, or ∞; it holds {change}."), name);
        return changes;
    }
}
