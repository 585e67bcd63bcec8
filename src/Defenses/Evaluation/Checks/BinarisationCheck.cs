using Defenses.Attacks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds an attack that misses an adversarial example that is there for certain.</summary>
/// <remarks>
/// For each of up to 12 images the last linear layer of the network is replaced by one that tells 200 points within 0.95·ε of the image from one point at ε (a corner of the L∞ ball, a
/// point of the sphere in L2). That point is then adversarial by construction, and an attack that works must find it or another one. Everything before the last
/// layer, the defense included, is as it was. A random model must take inner points for inner and the border point for border in a majority of fresh draws, or the
/// image is left out. Fires where at least two of at least five, and more than a tenth, are missed; invalid where it is more than half. A note where too few could be built.
/// Source: Zimmermann et al. 2022, "Increasing Confidence in Adversarial Robustness Evaluations" (999 inner points, passed at 95 %). Differs: Fisher's direction
/// instead of logistic regression, fewer points, and logits where no linear layer is found at the end.
/// </remarks>
public sealed class BinarisationCheck : ModelCheck
{
    private const int MostImages = 12, LeastImages = 5, InnerPoints = 200, BorderDraws = 64, NoiseTries = 100;
    private const double InnerShare = 0.95, Missed = 0.1, Closeness = 0.99, RandomCloseness = 0.5, RandomUpperEnd = 0.75;

    /// <inheritdoc/>
    public override string Title => "The attack misses an example that is there";

    /// <inheritdoc/>
    public override bool IsCheap => false;

    /// <inheritdoc/>
    protected internal override string? WhyNot(CheckSubject subject) => subject.Norm == Norm.Linf || subject.Norm == Norm.L2 ? null
        : "it knows budgets in L∞ and L2 only";

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        using var tap = new FeatureTap(subject.Model.Network, subject.Model.Classes);
        using var random = new RandomSource(subject.SeedOf(nameof(BinarisationCheck)));
        var (built, found, byNoise) = (0, 0, 0);
        for (var image = 0; image < subject.Count && built < MostImages; image++)
        {
            using var scope = NewDisposeScope();
            var (x, label) = (subject.Images.narrow(0, image, 1), subject.Labels.narrow(0, image, 1));
            using var network = Build(subject, tap, random, x, label);
            if (network is null) continue;
            built++;
            var model = subject.Model.With(network);
            var look = subject.View.IsPlainOn(model) ? model : subject.View.Of(model);
            var noise = new Noise(subject.Epsilon) { Norm = subject.Norm, Kind = NoiseKind.Gaussian, Tries = NoiseTries, Seed = subject.SeedOf("noise") };
            if (Finds(subject, subject.AttackWith(subject.Epsilon), look, model, x, label)) found++;
            if (Finds(subject, noise, model, model, x, label)) byNoise++;
        }
        return Tell(built, found, byNoise);
    }

    private IEnumerable<Finding> Tell(int built, int found, int byNoise)
    {
        if (built < LeastImages)
            yield return Finding(Severity.Note, $"The test could be built for {built} images only: inside and border of the budget look alike to the network.", "Probe more images, or a larger ε.");
        else if (built - found >= 2 && built - found > Missed * built)
            yield return Finding(2 * found < built ? Severity.Invalid : Severity.Warning,
                $"Each of {built} images was given an adversarial example within ε by construction; the attack found {found} of them (random noise: {byNoise}).",
                "The attack is too weak for this model: use more steps and restarts, the straight-through view, more EOT draws, or attacks without gradients, until it passes.");
    }

    private static bool Finds(CheckSubject subject, Attack attack, ModelView look, Classifier model, Tensor x, Tensor label) =>
        subject.Fooled(attack, look, model, x, label, subject.Epsilon)[0];

    // Null where inside and border cannot be told apart.
    private static BinarisedNetwork? Build(CheckSubject subject, FeatureTap tap, RandomSource random, Tensor x, Tensor label)
    {
        using var scope = NewDisposeScope();
        var (bounds, isRandom) = (subject.Model.Bounds, subject.Model.IsRandom);
        var like = x.expand([InnerPoints, .. x.shape[1..]]).contiguous();
        var inner = (like + subject.Norm.RandomPoint(like, InnerShare * subject.Epsilon, random)).clamp(bounds.Lower, bounds.Upper);
        var border = (x + subject.Norm.SteepestDirection(random.Normal(x)) * subject.Epsilon).clamp(bounds.Lower, bounds.Upper);
        var repeated = border.expand([isRandom ? BorderDraws : 1, .. x.shape[1..]]).contiguous();
        var (inside, outside) = (Features(subject, tap, cat([x, inner]), "inner"), Features(subject, tap, repeated, "border"));
        var readout = isRandom
            ? BinaryReadout.Fit(inside, outside, Features(subject, tap, repeated, "border again"), RandomUpperEnd, RandomCloseness)
            : BinaryReadout.Fit(inside, outside, outside, 1, Closeness);
        if (readout is null) return null;
        var network = new BinarisedNetwork(subject.Model.Network, tap, readout, x, label.ToInt64(), subject.Model.Classes);
        var model = subject.Model.With(network);
        if (!subject.Fooled(model, x, label)[0] && subject.Fooled(model, border, label)[0]) return network;
        network.Dispose();
        return null;
    }

    private static Tensor Features(CheckSubject subject, FeatureTap tap, Tensor x, string purpose)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var streams = subject.Model.LendStreams(subject.SeedOf(purpose));
        return subject.Model.Read(x, tap.Features).detach().to_type(ScalarType.Float64).cpu().MoveToOuterDisposeScope();
    }
}
