using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Combines several detectors by a logistic regression: the score is the log-odds that an image was attacked.</summary>
/// <remarks>
/// Detectors with several numbers for an image (<see cref="LocalIntrinsicDimensionality"/>: one for each layer)
/// contribute all of them. Source: Feinman et al. 2017 (uncertainty and density); Ma et al. 2018 (one dimensionality for each layer).
/// Differs: fitted once with a given penalty on separate data. Feinman's code computes the area under the curve on the data of the fit,
/// which overestimates it. Ma's code scales each number to [0, 1] first; here the penalty applies to standardized numbers. Judge this detector on clean
/// and attacked images that were not used for the fit. A detector fitted to one attack may miss another.
/// </remarks>
public sealed class CombinedDetector : Detector
{
    private readonly Detector[] _parts;

    /// <summary>A combination with known weights.</summary>
    /// <param name="parts">At least one detector; all for the same bounds.</param>
    /// <param name="regression">The weights of all their numbers, in the order of the parts.</param>
    /// <exception cref="ArgumentException">There are no parts, or their bounds differ.</exception>
    public CombinedDetector(IReadOnlyList<Detector> parts, LogisticRegression regression) : base(Checked(parts)[0].Bounds)
    {
        _parts = [.. parts];
        Regression = Require.NotNull(regression, nameof(regression));
    }

    /// <summary>The weights of the numbers.</summary>
    public LogisticRegression Regression { get; }

    /// <inheritdoc/>
    public override bool IsDifferentiable => _parts.All(part => part.IsDifferentiable);

    /// <summary>Learns the weights.</summary>
    /// <param name="parts">At least one detector; all for the same bounds.</param>
    /// <param name="clean">Images that must not be detected, (N, …): clean images, and noisy images if noise must not be detected
    /// either. Do not judge on them.</param>
    /// <param name="attacked">Attacked images, (M, …). Do not judge on them.</param>
    /// <param name="penalty">λ of the <see cref="LogisticRegression"/>; by default 1.</param>
    /// <param name="seed">The seed of the draws of random parts, in the fit and later; by default fresh draws.</param>
    /// <exception cref="ArgumentException">There are no parts, their bounds differ, or images are invalid.</exception>
    /// <exception cref="InvalidOperationException">A part cannot score, or there is no best fit.</exception>
    public static CombinedDetector Fit(IReadOnlyList<Detector> parts, Tensor clean, Tensor attacked, double penalty = 1, ulong? seed = null)
    {
        var bounds = Checked(parts)[0].Bounds;
        Require.Images(clean, bounds.Lower, bounds.Upper, nameof(clean));
        Require.Images(attacked, bounds.Lower, bounds.Upper, nameof(attacked));
        using var scope = NewDisposeScope();
        var (ordinary, suspicious) = (SeededBlocks.Run(clean, seed, Numbers),
            SeededBlocks.Run(attacked, seed is { } own ? Seeds.Combine(own, "attacked") : null, Numbers));
        return new CombinedDetector(parts, LogisticRegression.Fit(ordinary, suspicious, penalty)) { Seed = seed };

        Tensor Numbers(Tensor images, ulong? start) => Describe(parts, images, start);
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        return Regression.LogOdds(Describe(_parts, images, seed)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeCharacteristics(Tensor images, ulong? seed) => Describe(_parts, images, seed);

    private static Tensor Describe(IReadOnlyList<Detector> parts, Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        var numbers = parts.Select((part, i) => part.ComputeCharacteristics(images, seed is { } own ? Seeds.Combine(own, i) : null));
        return cat(numbers.ToArray(), 1).MoveToOuterDisposeScope();
    }

    private static IReadOnlyList<Detector> Checked(IReadOnlyList<Detector> parts)
    {
        var bounds = Require.NotEmpty(parts, nameof(parts))[0].Bounds;
        return parts.All(part => part.Bounds == bounds)
            ? parts
            : throw new ArgumentException($"parts must all have the bounds of the first, [{bounds.Lower}, {bounds.Upper}].", nameof(parts));
    }
}
