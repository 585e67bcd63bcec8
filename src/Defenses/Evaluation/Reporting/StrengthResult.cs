namespace Defenses.Evaluation.Reporting;

/// <summary>All attacks on one defense at one strength.</summary>
/// <param name="Epsilon">The budget ε.</param>
/// <param name="Worst">
/// The worst attack for each image, never an average over attacks: chosen by the draws that judged the single attacks, judged on draws of its own.
/// </param>
/// <param name="Cells">Each attack and view.</param>
public sealed record StrengthResult(double Epsilon, Outcome Worst, IReadOnlyList<CellResult> Cells);
