using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>Success of an attacker who may try an image again: the rate of images with a success within k fresh draws, for each k up to K.</summary>
/// <remarks>
/// Of an image with c successes in K draws, k draws chosen at random hold a success with probability 1 − C(K − c, k)/C(K, k): an unbiased estimate of
/// 1 − (1 − p)ᵏ, where p is the image's rate of success. Source: Chen et al. 2021, eq. (1), where it is "pass@k". The rate is the mean over images, and
/// its interval that of <see cref="BoundedMean.ClopperPearson"/>: the trials are the images, not the draws. At k = 1 the rate is
/// <see cref="DrawRates.MeanDraw"/>, at k = K <see cref="DrawRates.WorstOfK"/> of the success.
/// </remarks>
public sealed class TriesCurve
{
    private readonly (int Successes, long Images)[] _images;

    internal TriesCurve(IEnumerable<KeyValuePair<int, long>> images, int draws, double confidence)
    {
        _images = [.. images.Select(each => (each.Key, each.Value))];
        (Draws, Confidence, Count) = (draws, confidence, _images.Sum(each => each.Images));
    }

    /// <summary>K, the number of draws of each image: the largest number of tries.</summary>
    public int Draws { get; }

    /// <summary>The confidence of the intervals.</summary>
    public double Confidence { get; }

    /// <summary>The number of images.</summary>
    public long Count { get; }

    /// <summary>The tries that an attacker spends on an image in the mean, who stops at the first success or after K tries; between 1 and K.</summary>
    /// <remarks>
    /// Σ (1 − p)ʲ over j = 0 … K − 1, unbiased from the counts: (K + 1)/(c + 1) for c above 0, and K for c = 0. An image without a success counts with K
    /// tries: how many more it needs is not known, and it may be infinitely many. So the number depends on K, and <see cref="Within"/> K says for how many
    /// images it is the whole number of tries.
    /// </remarks>
    public Estimate Spent
    {
        get
        {
            double Each(int successes) => successes == 0 ? Draws : (Draws + 1.0) / (successes + 1);
            var (mean, range) = (_images.Sum(each => each.Images * Each(each.Successes)) / Count, Draws - 1);
            if (range == 0) return new Estimate(1, 1, 1);
            var share = BoundedMean.ClopperPearson(Math.Clamp(Count * (mean - 1) / range, 0, Count), Count, Confidence);
            return new Estimate(mean, 1 + range * share.Lower, 1 + range * share.Upper);
        }
    }

    /// <summary>The smallest number of tries within which at least half of the images have a success; null where K tries are too few.</summary>
    public int? Half
    {
        get
        {
            if (2 * Within(Draws).Rate < 1) return null;
            var (below, at) = (0, Draws);
            while (at - below > 1)
            {
                var middle = below + (at - below) / 2;
                if (2 * Within(middle).Rate < 1) below = middle;
                else at = middle;
            }
            return at;
        }
    }

    /// <summary>The curve of the counts of images.</summary>
    /// <param name="successes">For each image the number of draws with a success, 0 to <paramref name="draws"/>; at least one image.</param>
    /// <param name="draws">K, the draws of each image, at least 1.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static TriesCurve From(IReadOnlyList<int> successes, int draws, double confidence = Statistics.Confidence.Default)
    {
        Require.AtLeast(draws, 1, nameof(draws));
        foreach (var count in Require.NotEmpty(successes, nameof(successes))) Require.Within(count, 0, draws, nameof(successes));
        return new Tally(draws).Add(successes).Tries(Statistics.Confidence.Check(confidence, nameof(confidence)))!;
    }

    /// <summary>The rate of images with a success within a number of tries, each a fresh draw.</summary>
    /// <param name="tries">k, between 1 and <see cref="Draws"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of tries is out of its range: K draws say nothing about more than K tries.</exception>
    public Proportion Within(int tries)
    {
        if (tries < 1 || tries > Draws)
            throw new ArgumentOutOfRangeException(
                nameof(tries), tries, $"tries must lie in [1, {Draws}], because each image has {Draws} draws; it is {tries}. Judge by more draws.");
        // One try is the mean draw, digit by digit.
        var sum = tries == 1 ? (double)_images.Sum(each => each.Images * each.Successes) / Draws
            : _images.Sum(each => each.Images * Share(each.Successes, Draws, tries));
        return new Proportion(Math.Clamp(sum, 0, Count), Count, Confidence);
    }

    /// <summary>1 − C(K − c, k)/C(K, k): the estimate of one image.</summary>
    internal static double Share(int successes, int draws, int tries)
    {
        var none = 1.0;
        for (var i = 0; i < tries && none > 0; i++) none *= (double)(draws - successes - i) / (draws - i);
        return 1 - Math.Max(0, none);
    }

    /// <summary>The numbers of tries that a report shows: 1, 2, 5, 10, 20, … below K, K itself, and one more number.</summary>
    internal static IReadOnlyList<int> Shown(int draws, int also) =>
        [.. Round().TakeWhile(number => number < draws).Append(draws).Append(also).Where(number => number >= 1 && number <= draws).Distinct().Order()];

    private static IEnumerable<int> Round()
    {
        for (var power = 1L; power < int.MaxValue; power *= 10)
            foreach (var number in new[] { power, 2 * power, 5 * power })
                if (number < int.MaxValue) yield return (int)number;
    }
}
