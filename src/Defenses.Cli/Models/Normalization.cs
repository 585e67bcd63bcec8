using System.Globalization;
using Defenses.Models;
using Defenses.Papers;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>What a network expects its input to be normalized by: (x − mean) / std, in units of pixels from 0 to 1; one number for each channel, or one for
/// all.</summary>
internal sealed record Normalization(IReadOnlyList<double> Mean, IReadOnlyList<double> Std)
{
    internal static Normalization None { get; } = new([], []);

    /// <summary>Whether there is none.</summary>
    internal bool IsNone => Mean.Count == 0;

    /// <exception cref="UserError">A text is no list of numbers, or the two do not belong together.</exception>
    internal static Normalization Parse(string? mean, string? std)
    {
        var (means, deviations) = (Numbers("--mean", mean), Numbers("--std", std));
        if (means.Length != deviations.Length)
            throw new UserError($"--mean and --std must have as many numbers; they have {means.Length} and {deviations.Length}.");
        if (!deviations.All(number => number is > 0 and < double.PositiveInfinity))
            throw new UserError($"--std must be numbers above 0; it is '{string.Join(",", deviations)}'.");
        return means.All(double.IsFinite) ? new Normalization(means, deviations) : throw new UserError($"--mean must be finite numbers; it is '{mean}'.");
    }

    /// <summary>The function for images of a shape; null for none.</summary>
    /// <exception cref="UserError">There is not one number, and not one for each channel.</exception>
    internal Func<Tensor, Tensor>? For(IReadOnlyList<long> shape)
    {
        if (IsNone) return null;
        if (Mean.Count != 1 && Mean.Count != shape[0])
            throw new UserError($"--mean and --std must have one number, or one for each of {shape[0]} channels; they have {Mean.Count}.");
        return Preprocessing.Normalize(Mean, Std);
    }

    private static double[] Numbers(string option, string? text)
    {
        var numbers = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray();
        return numbers.All(number => number is not null) ? [.. numbers.OfType<double>()]
            : throw new UserError($"{option} must be numbers with commas between them, such as 0.49,0.48,0.45; it is '{text}'.");
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
