using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>What an attacker reaches who may try an adversarial image again, each time on a fresh draw of the model.</summary>
/// <param name="Points">The rates within 1, 2, 5, 10, … tries, up to K, and within the tries of the threat model.</param>
public sealed record TriesResult(IReadOnlyList<TriesPoint> Points)
{
    /// <summary>
    /// The mean number of tries on a recognized image of an attacker who stops at the first success or after K tries; an image without a success counts
    /// with K. Null where no image is recognized.
    /// </summary>
    public Estimate? Spent { get; init; }

    /// <summary>The smallest number of tries within which half of the recognized images have a success; null where K tries are too few.</summary>
    public int? Half { get; init; }

    /// <summary>The point of a number of tries; null where the report has none.</summary>
    /// <param name="tries">The number of tries.</param>
    public TriesPoint? At(int tries) => Points.FirstOrDefault(point => point.Tries == tries);

    // The success is null where no image is recognized.
    internal static TriesResult Of(TriesCurve? success, TriesCurve wrong, IReadOnlyList<int> shown, Func<int, Proportion, Estimate?>? added = null) =>
        new([.. shown.Select(tries =>
        {
            var met = success?.Within(tries);
            // Right in every one of the tries: not wrong within them.
            return new TriesPoint(tries, met, wrong.Within(tries).Complement()) { Added = met is null ? null : added?.Invoke(tries, met) };
        })]) { Spent = success?.Spent, Half = success?.Half };
}

/// <summary>The rates within a number of tries.</summary>
/// <param name="Tries">The number of tries, k.</param>
/// <param name="Success">The recognized images with at least one success within k tries; without an attack: with an error. Null if there are none.</param>
/// <param name="Accuracy">The images, recognized before or not, that are answered rightly in all of k tries.</param>
public sealed record TriesPoint(int Tries, Proportion? Success, Proportion Accuracy)
{
    /// <summary>
    /// Success minus the errors that the same images have within k tries without an attack, image by image: what the attack adds. Null without an attack, or
    /// where no image is recognized.
    /// </summary>
    public Estimate? Added { get; init; }
}
