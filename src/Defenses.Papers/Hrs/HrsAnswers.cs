using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>How often each test image is recognised by fresh answers.</summary>
/// <param name="Share">The share of right answers, for each image.</param>
/// <param name="Draws">Answers behind each share; 0 where all paths were counted.</param>
internal sealed record HrsAnswers(double[] Share, int Draws)
{
    /// <summary>The mean; the trials are the images.</summary>
    internal Proportion Rate => PairedShares.Rate(Share);

    /// <summary>The standard deviation of the accuracy over repeated evaluations of the same images, which comes from the draws alone: √(Σ p(1 − p))/N of
    /// the chances p of the N images. Null where one answer says nothing of it.</summary>
    /// <remarks>Two fresh answers differ with the chance 2p(1 − p). The interval is that of the mean over images.</remarks>
    internal Estimate? Deviation
    {
        get
        {
            if (Draws == 1) return null;
            var largest = Draws == 0 ? 0.25 : 0.25 * Draws / (Draws - 1);   // of an image's p(1 − p), unbiased from its draws
            var mean = PairedShares.Rate([.. Share.Select(share => 4 * share * (1 - share))]);
            double Of(double rate) => Math.Sqrt(largest * rate / Share.Length);
            return new Estimate(Of(mean.Rate), Of(mean.Lower), Of(mean.Upper));
        }
    }
}
