using Defenses.Statistics;

namespace Defenses.Certification;

/// <summary>The share of images that provably keep their right class within a radius: a lower bound of the accuracy under every attack of that size.</summary>
/// <remarks>Source: Cohen, Rosenfeld and Kolter 2019, section 4. Abstentions count as errors.</remarks>
public static class CertifiedAccuracy
{
    /// <summary>The share at one radius, with its exact interval over images.</summary>
    /// <param name="certificates">One for each image, at least one.</param>
    /// <param name="labels">The right classes, in the same order.</param>
    /// <param name="radius">In L2, in the units of the images, 0 or above; at 0 every certificate of the right class counts.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There are no certificates, or not one label for each.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Radius or confidence is out of range.</exception>
    public static Proportion At(IReadOnlyList<Certificate> certificates, IReadOnlyList<long> labels, double radius, double confidence = Confidence.Default)
    {
        Require.NotEmpty(certificates, nameof(certificates));
        Require.NotNegative(radius, nameof(radius));
        if (Require.NotNull(labels, nameof(labels)).Count != certificates.Count)
            throw new ArgumentException($"labels must be one for each of {certificates.Count} certificates; there are {labels.Count}.", nameof(labels));
        var kept = certificates.Zip(labels).Count(pair => pair.First.IsCertified && pair.First.Class == pair.Second && pair.First.Radius >= radius);
        return new Proportion(kept, certificates.Count, confidence);
    }
}
