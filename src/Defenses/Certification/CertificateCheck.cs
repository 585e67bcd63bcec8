using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Certification;

/// <summary>Tests certificates by attacks: a point within the radius at which the class has a probability below one half breaks a certificate.</summary>
/// <remarks>
/// The smoothed classifier is evaluated at the attacked image with fresh draws; the attack's own success on its view does not count. For a valid set
/// of certificates the probability of any false accusation is at most α in total (Bonferroni), in addition to the α of each certificate.
/// </remarks>
public sealed class CertificateCheck
{
    private readonly RandomizedSmoothing _smoothing;

    /// <summary>A check of the certificates of a smoothed classifier.</summary>
    /// <param name="smoothing">The smoothed classifier that made the certificates: the same model and noise.</param>
    public CertificateCheck(RandomizedSmoothing smoothing) => _smoothing = Require.NotNull(smoothing, nameof(smoothing));

    /// <summary>Draws at each attacked image, at least 1; by default 10,000.</summary>
    public long Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 10_000;

    /// <summary>α, the largest probability of a false accusation in the whole set, between 0 and 1; by default 0.001.</summary>
    public double Alpha { get; init => field = Confidence.Check(value, nameof(Alpha)); } = 0.001;

    /// <summary>Finds the certificates that an attack has broken.</summary>
    /// <param name="certificates">One for each image.</param>
    /// <param name="x">The images, (N, …).</param>
    /// <param name="adversarial">The attacked images, (N, …), within the bounds, successful or not.</param>
    /// <param name="progress">Receives a report after every tested point.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">Certificates, images and attacked images do not fit.</exception>
    /// <exception cref="InvalidOperationException">The network is in training mode, or its output is not logits.</exception>
    public CertificateVerdict Test(
        IReadOnlyList<Certificate> certificates, Tensor x, Tensor adversarial, IProgress<CertificationProgress>? progress = null,
            CancellationToken cancellation = default)
    {
        Require.NotEmpty(certificates, nameof(certificates));
        Require.Batch(x, nameof(x));
        if (!Require.Batch(adversarial, nameof(adversarial)).shape.SequenceEqual(x.shape))
            throw new ArgumentException($"adversarial must have the shape of x, {Require.Shape(x)}; it has {Require.Shape(adversarial)}.", nameof(adversarial));
        if (certificates.Count != x.shape[0])
            throw new ArgumentException($"certificates must be one for each of {x.shape[0]} images; there are {certificates.Count}.", nameof(certificates));
        using var scope = NewDisposeScope();
        var distances = (adversarial - x).flatten(1).to_type(ScalarType.Float64).pow(2).sum(1).sqrt().cpu().data<double>().ToArray();
        long[] within = [.. Enumerable.Range(0, distances.Length).Where(i => distances[i] < certificates[i].Radius).Select(i => (long)i)];
        var certified = certificates.Count(certificate => certificate.IsCertified);
        if (within.Length == 0) return new CertificateVerdict(certified, 0, []);
        var place = 0;
        var found = _smoothing.ForEachImage(adversarial.index_select(0, tensor(within, device: x.device)), 0, "check", progress, cancellation,
            (count, _, seed) =>
        {
            var row = within[place++];
            var votes = count(Draws, seed);
            var probability = BinomialInterval.ClopperPearsonUpper(votes[certificates[(int)row].Class], Draws, 1 - Alpha / within.Length);
            return probability < 0.5 ? new BrokenCertificate(certificates[(int)row], distances[row], probability, Array.IndexOf(votes, votes.Max())) : null;
        });
        return new CertificateVerdict(certified, within.Length, [.. found.OfType<BrokenCertificate>()]);
    }
}

/// <summary>The result of testing certificates by attacks.</summary>
/// <param name="Certified">Certificates with a radius above 0.</param>
/// <param name="Tested">Certificates whose image was attacked within the radius.</param>
/// <param name="Broken">Certificates that do not hold. With n certificates of error α slightly more than n·α broken ones
/// can be chance; more show an error.</param>
public sealed record CertificateVerdict(int Certified, int Tested, IReadOnlyList<BrokenCertificate> Broken)
{
    /// <summary>Whether no certificate is broken.</summary>
    public bool Holds => Broken.Count == 0;
}

/// <summary>A point within a certificate's radius at which the smoothed classifier does not answer with its class.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Distance">From the image to the point, in L2, in the units of the image; below the radius.</param>
/// <param name="Probability">The upper confidence bound of the class's probability at the point; below one half.</param>
/// <param name="Answer">The class with the most votes there.</param>
public sealed record BrokenCertificate(Certificate Certificate, double Distance, double Probability, long Answer);
