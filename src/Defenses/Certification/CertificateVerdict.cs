namespace Defenses.Certification;

/// <summary>What attacks have shown of certificates.</summary>
/// <param name="Certified">Certificates with a radius above 0.</param>
/// <param name="Tested">Those whose image was attacked within the radius.</param>
/// <param name="Broken">Those that do not hold. With n certificates of error α up to a few more than n·α may be bad luck; every other one is a mistake.</param>
public sealed record CertificateVerdict(int Certified, int Tested, IReadOnlyList<BrokenCertificate> Broken)
{
    /// <summary>Whether no certificate is broken.</summary>
    public bool Holds => Broken.Count == 0;
}
