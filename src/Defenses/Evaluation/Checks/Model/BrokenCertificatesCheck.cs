using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.BrokenCertificates"/>
internal sealed class BrokenCertificatesCheck : ModelCheck
{
    private const int MostGiven = 16, MostOwn = 8, Steps = 20, NoiseDraws = 16, JudgeDraws = 2000;
    private const double Within = 0.99;

    public override string Title => "A certificate is broken by an attack";

    public override bool IsCheap => false;

    protected internal override string? WhyNot(CheckContext context) => context.Smoothing is null
        ? "the model has no certificates" : context.Without(ModelAnswers.Gradients);

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var smoothing = context.Smoothing!;
        using var scope = NewDisposeScope();
        var (certificates, images) = context.Certificates is { } given ? Given(context, given) : Own(context, smoothing);
        var radii = certificates.Where(certificate => certificate.IsCertified).Select(certificate => certificate.Radius).Order().ToArray();
        if (radii.Length == 0) yield break;
        var broken = new[] { radii[^1], radii[radii.Length / 2], radii[0] }.Distinct()
            .SelectMany(radius => Attack(context, smoothing, certificates, images, Within * radius))
            .DistinctBy(found => found.Certificate.Index).ToArray();
        if (broken.Length == 0) yield break;
        var (first, claim) = (broken[0], broken[0].Certificate);
        yield return Finding(Severity.Invalid,
            $"{broken.Length} of {radii.Length} certificates fail: {Claim(claim)}, and is taken for {first.Answer} at {first.Distance:G3}.",
            "Certify with the model, the noise and the preprocessing that are deployed, with separate draws to select and to estimate, "
            + "and with images within the bounds.");
    }

    private static string Claim(Certificate certificate) =>
        FormattableString.Invariant($"image {certificate.Index} is certified as {certificate.Class} up to {certificate.Radius:G3}");

    private static (IReadOnlyList<Certificate> Certificates, Tensor Images) Own(CheckContext context, RandomizedSmoothing smoothing)
    {
        var images = context.Images.narrow(0, 0, Math.Min(MostOwn, context.Count));
        return (smoothing.Certify(images, 0, null, context.Cancellation), images);
    }

    // By the number of their image, the largest radii first: they claim most.
    private static (IReadOnlyList<Certificate> Certificates, Tensor Images) Given(CheckContext context, IReadOnlyList<Certificate> given)
    {
        var byNumber = given.ToDictionary(certificate => certificate.Index);
        (Certificate Certificate, long Row)[] found =
        [
            .. context.Numbers.Select((number, row) => (Certificate: byNumber.GetValueOrDefault(number)!, Row: (long)row))
                .Where(each => each.Certificate is { IsCertified: true }).OrderByDescending(each => each.Certificate.Radius).Take(MostGiven),
        ];
        if (found.Length == 0) return ([], context.Images);
        var rows = tensor(Array.ConvertAll(found, each => each.Row), device: context.Images.device);
        return ([.. found.Select(each => each.Certificate)], context.Images.index_select(0, rows));
    }

    private static IReadOnlyList<BrokenCertificate> Attack(
        CheckContext context, RandomizedSmoothing smoothing, IReadOnlyList<Certificate> certificates, Tensor images, double radius)
    {
        using var random = new RandomSource(context.SeedOf(nameof(BrokenCertificatesCheck)));
        var view = new Eot(new NoisyView(context.Model, smoothing.Std, random), NoiseDraws);
        var attack = new Pgd(radius) { Norm = Norm.L2, Steps = Steps, Restarts = 1, Seed = context.SeedOf("certificates") };
        using var classes = tensor(certificates.Select(certificate => certificate.Class).ToArray(), device: images.device);
        using var result = attack.Run(view, images, classes, null, context.Cancellation);
        var check = new CertificateCheck(smoothing) { Draws = JudgeDraws };
        return check.Test(certificates, images, result.Adversarial, null, context.Cancellation).Broken;
    }
}

/// <summary>A model behind Gaussian noise on its input, as an attacker of a smoothed classifier sees it: one fresh random draw a query.</summary>
/// <remarks>Noisy images are not clipped.</remarks>
internal sealed class NoisyView(ModelView model, double std, RandomSource random) : InterceptingModelView(model)
{
    public override bool IsRandom => true;

    protected override Func<Tensor, Tensor>? Transform => Noisy;

    protected internal override DelegatingModelView Over(ModelView inner) => new NoisyView(inner, std, random);

    private Tensor Noisy(Tensor x)
    {
        using var noise = random.Normal(x, std);
        return x + noise;
    }
}
