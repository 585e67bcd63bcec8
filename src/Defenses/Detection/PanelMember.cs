namespace Defenses.Detection;

/// <summary>A detector on a panel.</summary>
public sealed record PanelMember
{
    /// <summary>A detector with what its score is compared with.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="threshold">It fires above this.</param>
    /// <param name="scale">The unit in which its excess is compared with that of others, above 0; by default 1. Does not change when it fires.</param>
    /// <exception cref="ArgumentException">The threshold is NaN, or the scale not a finite number above 0.</exception>
    public PanelMember(Detector detector, double threshold, double scale = 1)
    {
        Detector = Require.NotNull(detector, nameof(detector));
        Threshold = double.IsNaN(threshold) ? throw new ArgumentException("threshold must be a number; it is NaN.", nameof(threshold)) : threshold;
        Scale = Require.Positive(scale, nameof(scale));
    }

    /// <summary>The detector.</summary>
    public Detector Detector { get; }

    /// <summary>It fires above this.</summary>
    public double Threshold { get; }

    /// <summary>The unit of its excess.</summary>
    public double Scale { get; }
}
