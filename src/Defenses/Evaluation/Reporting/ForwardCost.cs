namespace Defenses.Evaluation.Reporting;

/// <summary>How long a defense takes to answer.</summary>
/// <param name="Defense">The defense.</param>
/// <param name="MillisecondsPerImage">Wall time of a forward pass, per image of a batch.</param>
/// <param name="Ratio">The same as a multiple of the first defense's, measured in turns with it.</param>
public sealed record ForwardCost(string Defense, double MillisecondsPerImage, double Ratio);
