namespace Defenses.Cli;

/// <summary>How to certify.</summary>
/// <param name="Sigma">σ of the noise.</param>
/// <param name="Draws">Draws that bound the probability of a class.</param>
/// <param name="Selection">Draws that choose the class.</param>
/// <param name="Alpha">The error probability of a certificate.</param>
/// <param name="Radii">Radii of the table, in ascending order.</param>
internal sealed record CertifySettings(double Sigma, int Draws, int Selection, double Alpha, IReadOnlyList<double> Radii);
