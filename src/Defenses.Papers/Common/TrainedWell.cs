using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Whether a network of a protocol has learnt its task enough for anything to follow from attacks on it.</summary>
internal static class TrainedWell
{
    /// <summary>The least share of test images to recognise, of ten classes: three times what guessing gives.</summary>
    internal const double LeastAccuracy = 0.3;

    /// <summary>What to do where it has not.</summary>
    internal const string Advice = "Train longer: use --preset quick, long or paper.";

    /// <summary>Whether the network recognises less than that, so that what is measured on it means nothing.</summary>
    internal static bool Fails(Proportion accuracy) => Fails(accuracy.Rate);

    /// <inheritdoc cref="Fails(Proportion)"/>
    internal static bool Fails(double accuracy) => accuracy < LeastAccuracy;
}
