using System.Globalization;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>A number that some methods of training take.</summary>
/// <param name="Name">For the command line, without its dashes.</param>
/// <param name="Description">What it is.</param>
/// <param name="Rule">What it must be, in words.</param>
/// <param name="Fits">Whether a number is that.</param>
internal sealed record MethodOption(string Name, string Description, string Rule, Func<double, bool> Fits)
{
    /// <summary>Every one.</summary>
    internal static IReadOnlyList<MethodOption> All { get; } =
    [
        new("epsilon", "The budget of each pixel in L∞ that is trained against, of a range of 0 to 1: 8/255 or 0.3.",
            "a number above 0 and at most 1, such as 8/255", value => value is > 0 and <= 1),
        new("steps", "Steps of the attack in every step of the training, or on every example.", "a whole number, 1 or above", value => value >= 1
            && value == Math.Floor(value) && value <= int.MaxValue),
        new("share", "The share of each batch that is attacked.", "a number from 0 to 1", value => value is >= 0 and <= 1),
        new("ramp", "The share of the training in which epsilon grows from 0; 0: full from the first step on.", "a number from 0 to 1",
            value => value is >= 0 and <= 1),
        new("beta", "The weight of stability against accuracy.", "a number, 0 or above", value => value is >= 0 and < double.PositiveInfinity),
        new("temperature", "The temperature of the softmax, of teacher and student.", "a number above 0", value => value is > 0 and < double.PositiveInfinity),
        new("std", "The deviation of the noise, of a range of 0 to 1.", "a number, 0 or above", value => value is >= 0 and < double.PositiveInfinity),
        new("examples", "Examples attacked at each of four confidences.", "a whole number, 1 or above", value => value >= 1 && value == Math.Floor(value)
            && value <= int.MaxValue),
        new("size", "The largest L2 size of an example that is trained on.", "a number above 0", value => value is > 0 and < double.PositiveInfinity),
    ];

    /// <summary>A number or a fraction.</summary>
    /// <exception cref="UserError">It is something else, or breaks the rule.</exception>
    internal double Read(string text)
    {
        var parts = text.Split('/').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
            : double.NaN).ToArray();
        var number = parts.Length switch { 1 => parts[0], 2 => parts[0] / parts[1], _ => double.NaN };
        return Fits(number) ? number : throw new UserError($"--{Name} must be {Rule}; it is '{text}'.");
    }
}
