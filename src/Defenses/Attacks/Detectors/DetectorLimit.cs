using Defenses.Models;

namespace Defenses.Attacks;

/// <summary>A detector in front of a model, and the score that an attack must not exceed to stay undetected.</summary>
/// <param name="Detector">The attacker's knowledge of the detector.</param>
/// <param name="Threshold">The detector flags an image as attacked when its score lies above this; finite, in the units of the score.</param>
public sealed record DetectorLimit(IDetectorScore Detector, double Threshold)
{
    /// <summary>The attacker's knowledge of the detector.</summary>
    public IDetectorScore Detector { get; init => field = Require.NotNull(value, nameof(Detector)); } = Require.NotNull(Detector, nameof(Detector));

    /// <summary>The detector flags an image as attacked when its score lies above this; finite, in the units of the score.</summary>
    public double Threshold { get; init => field = Finite(value); } = Finite(Threshold);

    /// <summary>The weight of a unit of score against a unit of logit; above 0, by default 1. Choose it so that both parts of
    /// the goal have similar gradients.</summary>
    public double Weight { get; init => field = Require.Positive(value, nameof(Weight)); } = 1;

    private static double Finite(double value) => double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(nameof(Threshold), value, $"Threshold must be a finite number; it is {value}.");
}
