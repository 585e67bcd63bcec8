using Defenses.Statistics;

namespace DefenseBench.Protocols;

/// <summary>Whether a network of a protocol has learnt its task enough for anything to follow from attacks on it.</summary>
internal static class Learnt
{
    /// <summary>The least share of test images to recognise, of ten classes: three times what guessing gives.</summary>
    internal const double Least = 0.3;

    /// <summary>Whether the network recognises less than that, so that what is measured on it means nothing.</summary>
    internal static bool TooLittle(Proportion accuracy) => TooLittle(accuracy.Rate);

    /// <inheritdoc cref="TooLittle(Proportion)"/>
    internal static bool TooLittle(double accuracy) => accuracy < Least;
}
