namespace Defenses.Evaluation;

/// <summary>The worst attack of each image, from the counts of a record: as <c>WorstCase</c> chooses it in an evaluation.</summary>
internal static class RecordedWorstCase
{
    /// <summary>For each image the attack under which it was recognized in the fewest draws; in a tie the first.</summary>
    internal static int[] Choose(IReadOnlyList<RecordedAttack> attacks) =>
    [
        .. Enumerable.Range(0, attacks[0].Counts.Correct.Count).Select(image =>
            Enumerable.Range(0, attacks.Count).MinBy(number => attacks[number].Counts.Correct[image])),
    ];

    /// <summary>Whether the chosen images are judged on draws that did not choose them: not where nothing was chosen by chance.</summary>
    internal static bool IsJudgedAgain(bool isRandom, int attacks) => isRandom && attacks > 1;

    /// <summary>The counts of the chosen attacks themselves.</summary>
    internal static IEnumerable<int> Counts(IReadOnlyList<RecordedAttack> attacks, IReadOnlyList<int> chosen) =>
        chosen.Select((number, image) => attacks[number].Counts.Correct[image]);
}
