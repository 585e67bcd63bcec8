namespace Defenses.Certification;

/// <summary>How far a certification is.</summary>
/// <param name="Done">Images done.</param>
/// <param name="Total">Images in all.</param>
public readonly record struct CertificationProgress(long Done, long Total);
