namespace Defenses.Retrofit;

/// <summary>How <see cref="StrengthTuningExtensions.TuneStrength"/> searches for the strongest setting within a budget of accuracy.</summary>
/// <remarks>
/// Strengths may run in either direction: κ and σ from 0 upwards, draws from many downwards. For a logarithmic search let the
/// setter compute the power.
/// </remarks>
/// <param name="Weakest">The setting that costs least accuracy, normally the setting at which the layers do nothing; finite.</param>
/// <param name="Strongest">The setting that costs most; finite, other than <paramref name="Weakest"/>.</param>
public sealed record StrengthSearch(double Weakest, double Strongest)
{
    /// <summary>The setting that costs least accuracy, normally the setting at which the layers do nothing; finite.</summary>
    public double Weakest { get; init => field = Finite(value, nameof(Weakest)); } = Finite(Weakest, nameof(Weakest));

    /// <summary>The setting that costs most; finite, other than <see cref="Weakest"/>.</summary>
    public double Strongest { get; init => field = Finite(value, nameof(Strongest)); } = Finite(Strongest, nameof(Strongest));

    /// <summary>The clean accuracy that may be lost, a fraction in (0, 1); by default 0.01, one point.</summary>
    public double MaxDrop { get; init => field = Require.Within(value, 1e-6, 1 - 1e-6, nameof(MaxDrop)); } = 0.01;

    /// <summary>The probability that all bounds of a curve hold together, in [0.5, 1); by default 0.95.</summary>
    public double Confidence { get; init => field = Require.Below(value, 0.5, 1, nameof(Confidence)); } = 0.95;

    /// <summary>Fresh draws of a random model for each image, at least 1; by default 5.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 5;

    /// <summary>Settings tried between the two ends, at least 1; by default 8: the result is within 1/256 of the range.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 8;

    /// <summary>Images in one pass, at least 1; by default 256.</summary>
    public int BatchSize { get; init => field = Require.AtLeast(value, 1, nameof(BatchSize)); } = 256;

    /// <summary>The seed of the draws, which are the same for every setting; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The most settings that are measured: the two ends and the steps.</summary>
    internal int Tests => Steps + 2;

    private static double Finite(double value, string name) =>
        double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite; it is {value}.");
}
