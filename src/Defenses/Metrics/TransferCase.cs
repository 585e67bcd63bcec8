namespace Defenses.Metrics;

/// <summary>One adversarial example, made on one model and tried on another.</summary>
/// <param name="Image">The number of the image it was made from: cases of the same image are no independent trials.</param>
/// <param name="Crafted">The model or scheme it was made on.</param>
/// <param name="Tested">The model or scheme it was tried on.</param>
/// <param name="Distance">The size of its perturbation, usually in L2, 0 or above.</param>
/// <param name="Success">The share of draws in which it fools the tested model, 0 to 1.</param>
public sealed record TransferCase(long Image, string Crafted, string Tested, double Distance, double Success);
