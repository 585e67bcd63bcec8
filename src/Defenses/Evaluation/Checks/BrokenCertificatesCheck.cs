using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a certificate that an attack breaks: what was called proved is false.</summary>
/// <remarks>
/// For models that <see cref="ModelCheckup.Smoothing"/> smooths. Takes the certificates of <see cref="ModelCheckup.Certificates"/>, by number of the image, up to 16 with the largest radii
/// (they claim most), or makes its own for up to 8 images; attacks the
/// smoothed classifier by PGD in L2 on gradients averaged over noise, just within the largest, the middle and the smallest radius; and holds the certificates against what
/// it finds (<see cref="CertificateCheck"/>, 2000 draws a point, false accusations of a whole set at most once in 1000).
/// Source: Cohen et al. 2019, theorem 1: no point within the radius has another answer.
/// </remarks>
public sealed class BrokenCertificatesCheck : ModelCheck
{
    private const int MostGiven = 16, MostOwn = 8, Steps = 20, NoiseDraws = 16, JudgeDraws = 2000;
    private const double Within = 0.99;

    /// <inheritdoc/>
    public override string Title => "A certificate is broken by an attack";

    /// <inheritdoc/>
    public override bool IsCheap => false;

    /// <inheritdoc/>
    protected internal override string? WhyNot(CheckSubject subject) => subject.Smoothing is null ? "the model has no certificates" : null;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var smoothing = subject.Smoothing!;
        using var scope = NewDisposeScope();
        var (certificates, images) = subject.Certificates is { } given ? Given(subject, given) : Own(subject, smoothing);
        var radii = certificates.Where(certificate => certificate.IsCertified).Select(certificate => certificate.Radius).Order().ToArray();
        if (radii.Length == 0) yield break;
        var broken = new[] { radii[^1], radii[radii.Length / 2], radii[0] }.Distinct()
            .SelectMany(radius => Attack(subject, smoothing, certificates, images, Within * radius)).DistinctBy(found => found.Certificate.Index).ToArray();
        if (broken.Length > 0)
            yield return Finding(Severity.Invalid,
                $"{broken.Length} of {radii.Length} certificates fail: image {broken[0].Certificate.Index} is certified as {broken[0].Certificate.Class} up to {broken[0].Certificate.Radius:G3}, and is taken for {broken[0].Answer} at {broken[0].Distance:G3}.",
                "Certify with the model, the noise and the preprocessing that are deployed, with separate draws to select and to estimate, and with images within the bounds.");
    }

    private static (IReadOnlyList<Certificate> Certificates, Tensor Images) Own(CheckSubject subject, RandomizedSmoothing smoothing)
    {
        var images = subject.Images.narrow(0, 0, Math.Min(MostOwn, subject.Count));
        return (smoothing.Certify(images, 0, null, subject.Cancellation), images);
    }

    private static (IReadOnlyList<Certificate> Certificates, Tensor Images) Given(CheckSubject subject, IReadOnlyList<Certificate> given)
    {
        var byNumber = given.ToDictionary(certificate => certificate.Index);
        (Certificate Certificate, long Row)[] found = [.. subject.Numbers.Select((number, row) => (Certificate: byNumber.GetValueOrDefault(number)!, Row: (long)row))
            .Where(each => each.Certificate is { IsCertified: true }).OrderByDescending(each => each.Certificate.Radius).Take(MostGiven)];
        if (found.Length == 0) return ([], subject.Images);
        var rows = tensor(Array.ConvertAll(found, each => each.Row), device: subject.Images.device);
        return ([.. found.Select(each => each.Certificate)], subject.Images.index_select(0, rows));
    }

    private static IReadOnlyList<BrokenCertificate> Attack(
        CheckSubject subject, RandomizedSmoothing smoothing, IReadOnlyList<Certificate> certificates, Tensor images, double radius)
    {
        using var random = new RandomSource(subject.SeedOf(nameof(BrokenCertificatesCheck)));
        var look = new Eot(new NoisyView(subject.Model, smoothing.Std, random), NoiseDraws);
        using var classes = tensor(certificates.Select(certificate => certificate.Class).ToArray(), device: images.device);
        using var result = new Pgd(radius) { Norm = Norm.L2, Steps = Steps, Restarts = 1, Seed = subject.SeedOf("certificates") }.Run(look, images, classes, null, subject.Cancellation);
        return new CertificateCheck(smoothing) { Draws = JudgeDraws }.Test(certificates, images, result.Adversarial, null, subject.Cancellation).Broken;
    }
}
