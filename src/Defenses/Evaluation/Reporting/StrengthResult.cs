using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>All attacks on one defense at one strength.</summary>
/// <param name="Epsilon">The budget ε.</param>
/// <param name="Worst">
/// The worst attack for each image, never an average over attacks: chosen by the draws that judged the single attacks, judged on draws of its own.
/// </param>
/// <param name="Cells">Each attack and view.</param>
public sealed record StrengthResult(double Epsilon, Outcome Worst, IReadOnlyList<CellResult> Cells)
{
    /// <summary>
    /// Accuracy under the worst attack (mean over draws, all images) minus that of each defense before this one, in their order: compared image by image,
    /// so that intervals are those of pairs. Empty for the first defense, and in reports written before this was measured.
    /// </summary>
    public IReadOnlyList<Estimate> AccuracyOver { get; init; } = [];
}
