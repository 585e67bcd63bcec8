namespace Defenses.Certification;

/// <summary>A point within a certificate's radius at which the smoothed classifier does not answer with its class.</summary>
/// <param name="Certificate">What was claimed.</param>
/// <param name="Distance">From the image to the point, in L2, in the units of the image; below the radius.</param>
/// <param name="Probability">The upper confidence bound of the class's probability at the point; below one half.</param>
/// <param name="Answer">The class with the most votes there.</param>
public sealed record BrokenCertificate(Certificate Certificate, double Distance, double Probability, long Answer);
