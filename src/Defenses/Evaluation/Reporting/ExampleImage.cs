namespace Defenses.Evaluation.Reporting;

/// <summary>One image before and after the worst attack on it. Pixels are bytes, channel by channel, row by row.</summary>
public sealed record ExampleImage
{
    /// <summary>The defense attacked.</summary>
    public required string Defense { get; init; }

    /// <summary>The attack and view.</summary>
    public required string Attack { get; init; }

    /// <summary>The budget ε.</summary>
    public required double Epsilon { get; init; }

    /// <summary>The image's number in its set.</summary>
    public required long Index { get; init; }

    /// <summary>Its label.</summary>
    public required string Label { get; init; }

    /// <summary>The most frequent prediction of the defense for the original.</summary>
    public required string CleanPrediction { get; init; }

    /// <summary>The most frequent prediction of the defense for the adversarial image.</summary>
    public required string AdversarialPrediction { get; init; }

    /// <summary>The share of the judge's draws in which the attack met its goal.</summary>
    public required double SuccessRate { get; init; }

    /// <summary>1 (grey) or 3 (red, green, blue).</summary>
    public required int Channels { get; init; }

    /// <summary>Height in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Width in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>The original; 0 is the lower bound of the input, 255 the upper.</summary>
    public required byte[] Clean { get; init; }

    /// <summary>The adversarial image.</summary>
    public required byte[] Adversarial { get; init; }

    /// <summary>The difference: 128 is none, 0 and 255 are ∓ <see cref="DifferenceScale"/>.</summary>
    public required byte[] Difference { get; init; }

    /// <summary>The largest absolute difference.</summary>
    public required double DifferenceScale { get; init; }
}
