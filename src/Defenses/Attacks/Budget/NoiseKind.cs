namespace Defenses.Attacks;

/// <summary>How a noise attack draws.</summary>
public enum NoiseKind
{
    /// <summary>Normal numbers, scaled to size ε in the norm.</summary>
    Gaussian,

    /// <summary>A point drawn uniformly from the ball of radius ε.</summary>
    Uniform,

    /// <summary>Elements set to the lower or upper bound, as many as change the image by at most ε.</summary>
    SaltAndPepper,
}
