using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>A row of the table: a detector, or several numbers that a regression makes a detector of.</summary>
/// <param name="Name">What it is, and how much of it.</param>
/// <param name="Measure">The numbers of each image, one after another; draws come from the seed. One number is the score.</param>
/// <param name="IsFitted">Whether the numbers are weighed by a logistic regression, fitted to the first half of the images and judged on the second.</param>
/// <param name="Paper">The paper's areas by attack; empty where it has no such detector.</param>
internal sealed record MvmRow(string Name, Func<Tensor, ulong, CancellationToken, double[][]> Measure, bool IsFitted, IReadOnlyDictionary<string,
    double> Paper);
