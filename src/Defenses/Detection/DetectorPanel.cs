using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Several detectors together: the panel fires (score above 0) if at least one detector is above its threshold.</summary>
/// <remarks>
/// The score is the largest of (score − threshold)/scale over the detectors. False alarms add up: with n detectors at rate r each, up to n·r.
/// Source: Meng and Chen 2017, "MagNet". Differs: a detector fires strictly above its threshold, the (k + 1)-th largest clean score whereas the code
/// fires from the k-th on. For scores without ties the same k clean images are called attacked; with k = 0 none (in the code: all).
/// </remarks>
public sealed class DetectorPanel : Detector
{
    private readonly PanelMember[] _members;

    /// <summary>A panel with known thresholds.</summary>
    /// <param name="members">At least one; all for the same bounds.</param>
    /// <exception cref="ArgumentException">There are no members, or their bounds differ.</exception>
    public DetectorPanel(IReadOnlyList<PanelMember> members) : base(Require.NotEmpty(members, nameof(members))[0].Detector.Bounds)
    {
        _members = [.. members];
        if (_members.Any(member => member.Detector.Bounds != Bounds))
            throw new ArgumentException($"members must all have the bounds of the first, [{Bounds.Lower}, {Bounds.Upper}].", nameof(members));
    }

    /// <summary>The detectors with their thresholds.</summary>
    public IReadOnlyList<PanelMember> Members => _members;

    /// <inheritdoc/>
    public override bool IsDifferentiable => _members.All(member => member.Detector.IsDifferentiable);

    /// <summary>A panel in which each detector calls at most the given share of clean images attacked.</summary>
    /// <param name="detectors">At least one; all for the same bounds.</param>
    /// <param name="clean">Clean images that nothing was trained on, (N, …); N well above 1/rate.</param>
    /// <param name="falsePositiveRate">The share of each single detector, in [0, 1). The code: 0.001 on MNIST; 0.004 on CIFAR-10 in Ge et al. 2020.</param>
    /// <param name="seed">The seed of the panel's draws, including random detectors; by default fresh draws.</param>
    /// <exception cref="ArgumentException">There are no detectors, their bounds differ, or the images are invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of its range.</exception>
    public static DetectorPanel Calibrate(IReadOnlyList<Detector> detectors, Tensor clean, double falsePositiveRate, ulong? seed = null)
    {
        Require.NotEmpty(detectors, nameof(detectors));
        Require.Below(falsePositiveRate, 0, 1, nameof(falsePositiveRate));
        var members = detectors.Select(detector =>
        {
            var scores = Require.NotNull(detector, nameof(detectors))
                .Measure(Require.Images(clean, detector.Bounds.Lower, detector.Bounds.Upper, nameof(clean)));
            var mean = scores.Average();
            var spread = Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)));
            return new PanelMember(detector, RocCurve.Threshold(scores, falsePositiveRate), spread > 0 ? spread : 1);
        });
        return new DetectorPanel([.. members]) { Seed = seed };
    }

    /// <summary>Which images at least one detector calls attacked: (N, …) → (N,) bool.</summary>
    /// <inheritdoc cref="Detector.Score"/>
    public Tensor Fires(Tensor images)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Score(images).gt(0).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        return ComputeCharacteristics(images, seed).amax([1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeCharacteristics(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        var excess = _members.Select((member, i) =>
            (member.Detector.ComputeScore(images, seed is { } own ? Seeds.Combine(own, i) : null) - member.Threshold) / member.Scale);
        return stack(excess.ToArray(), 1).MoveToOuterDisposeScope();
    }
}

/// <summary>A detector on a panel.</summary>
public sealed record PanelMember
{
    /// <summary>A detector with its threshold and scale.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="threshold">It fires above this score.</param>
    /// <param name="scale">The unit of its excess over the threshold, for the comparison between detectors, above 0; by
    /// default 1. Does not change when it fires.</param>
    /// <exception cref="ArgumentException">The threshold is NaN, or the scale not a finite number above 0.</exception>
    public PanelMember(Detector detector, double threshold, double scale = 1)
    {
        Detector = Require.NotNull(detector, nameof(detector));
        Threshold = double.IsNaN(threshold) ? throw new ArgumentException("threshold must be a number; it is NaN.", nameof(threshold)) : threshold;
        Scale = Require.Positive(scale, nameof(scale));
    }

    /// <summary>The detector.</summary>
    public Detector Detector { get; }

    /// <summary>It fires above this score.</summary>
    public double Threshold { get; }

    /// <summary>The unit of its excess.</summary>
    public double Scale { get; }
}
