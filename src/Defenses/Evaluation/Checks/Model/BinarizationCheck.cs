using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.Binarization"/>
/// <remarks>
/// The new last layer separates 200 points within 0.95·ε of the image from one point at ε (a corner of the L∞ ball, a point of the sphere in L2). That point
/// is adversarial by construction, so an attack that works finds it or another one. Everything before the last layer, the defense included, stays. A random
/// model must tell inner points from the border point in a majority of fresh draws; otherwise the image is skipped.
/// Source: Zimmermann et al. 2022 (999 inner points, passed at 95 %). Differs: Fisher's direction instead of logistic regression, fewer points, and logits
/// where the network ends in no linear layer.
/// </remarks>
internal sealed class BinarizationCheck : ModelCheck
{
    private const int MostImages = 12, LeastImages = 5, InnerPoints = 200, BorderDraws = 64, NoiseTries = 100;
    private const double InnerShare = 0.95, Missed = 0.1, Closeness = 0.99, RandomCloseness = 0.5, RandomUpperEnd = 0.75;

    // Also a seed: older reports and folders of work have this name.
    public override string Name => "BinarisationCheck";

    public override string Title => "The attack misses an example that is there";

    public override bool IsCheap => false;

    protected internal override string? WhyNot(CheckContext context) =>
        context.Norm != Norm.Linf && context.Norm != Norm.L2 ? "it knows budgets in L∞ and L2 only"
        : context.Classifier is null ? "not applicable: it changes the last layer of a network, and the model is no classifier" : null;

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var whole = context.Classifier!;
        using var features = new PenultimateFeatures(whole);
        using var random = new RandomSource(context.SeedOf(Name));
        var noise = new Noise(context.Epsilon)
        {
            Norm = context.Norm, Kind = NoiseKind.Gaussian, Tries = NoiseTries, Seed = context.SeedOf("noise"),
        };
        var (built, found, byNoise) = (0, 0, 0);
        for (var image = 0; image < context.Count && built < MostImages; image++)
        {
            using var scope = NewDisposeScope();
            var (x, label) = (context.Images.narrow(0, image, 1), context.Labels.narrow(0, image, 1));
            using var network = Build(context, features, random, x, label);
            if (network is null) continue;
            built++;
            var model = whole.With(network);
            var view = context.View.IsPlainOn(model) ? model : context.View.Of(model);
            if (Finds(context, context.AttackWith(context.Epsilon), view, model, x, label)) found++;
            if (Finds(context, noise, model, model, x, label)) byNoise++;
        }
        return Report(built, found, byNoise);
    }

    private IEnumerable<Finding> Report(int built, int found, int byNoise)
    {
        if (built < LeastImages)
            yield return Finding(Severity.Note,
                $"The test could be built for {built} images only: the network hardly separates the inside and the border of the budget.",
                "Probe more images, or a larger ε.");
        else if (built - found >= 2 && built - found > Missed * built)
            yield return Finding(2 * found < built ? Severity.Invalid : Severity.Warning,
                $"Each of {built} images has an adversarial example within ε by construction; the attack found {found} of them (random noise: {byNoise}).",
                "The attack is too weak for this model. Use more steps and restarts, the straight-through view, more EOT draws, or attacks without gradients, "
                + "until it passes.");
    }

    private static bool Finds(CheckContext context, Attack attack, ModelView view, Classifier model, Tensor x, Tensor label) =>
        context.Fooled(attack, view, model, x, label, context.Epsilon)[0];

    // Null where inside and border cannot be separated.
    private static BinarizedNetwork? Build(CheckContext context, PenultimateFeatures features, RandomSource random, Tensor x, Tensor label)
    {
        using var scope = NewDisposeScope();
        var (bounds, isRandom) = (context.Model.Bounds, context.Model.IsRandom);
        var like = x.expand([InnerPoints, .. x.shape[1..]]).contiguous();
        var inner = (like + context.Norm.RandomPoint(like, InnerShare * context.Epsilon, random)).clamp(bounds.Lower, bounds.Upper);
        var border = (x + context.Norm.SteepestDirection(random.Normal(x)) * context.Epsilon).clamp(bounds.Lower, bounds.Upper);
        var repeated = border.expand([isRandom ? BorderDraws : 1, .. x.shape[1..]]).contiguous();
        var (inside, outside) = (Features(context, features, cat([x, inner]), "inner"), Features(context, features, repeated, "border"));
        var readout = isRandom
            ? BinaryReadout.Fit(inside, outside, Features(context, features, repeated, "border again"), RandomUpperEnd, RandomCloseness)
            : BinaryReadout.Fit(inside, outside, outside, 1, Closeness);
        if (readout is null) return null;
        var network = new BinarizedNetwork(context.Classifier!.Network, features, readout, x, label.ToInt64(), context.Model.Classes);
        var model = context.Classifier!.With(network);
        if (!context.Fooled(model, x, label)[0] && context.Fooled(model, border, label)[0]) return network;
        network.Dispose();
        return null;
    }

    private static Tensor Features(CheckContext context, PenultimateFeatures features, Tensor x, string purpose)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var streams = context.Model.LendStreams(context.SeedOf(purpose));
        return context.Classifier!.Read(x, features.Of).detach().to_type(ScalarType.Float64).cpu().MoveToOuterDisposeScope();
    }
}

/// <summary>A network whose last layer is replaced by a binary one: inside (the label) or border (another class).</summary>
/// <remarks>Shape: (N, …) → (N, classes). With the readout's score s the label's logit is −s, that of the next class s, and all others are far below.</remarks>
internal sealed class BinarizedNetwork : nn.Module<Tensor, Tensor>
{
    private const string Child = "network";
    private const double FarBelow = 10;
    private readonly PenultimateFeatures _features;
    private readonly double _bias;
    private readonly Tensor[] _tensors;

    internal BinarizedNetwork(
        nn.Module<Tensor, Tensor> network, PenultimateFeatures features, BinaryReadout readout, Tensor like, long label, long classes)
        : base(nameof(BinarizedNetwork))
    {
        (_features, _bias) = (features, readout.Bias);
        using var scope = NewDisposeScope();
        var numbers = arange(classes, dtype: ScalarType.Int64);
        var (own, other) = (numbers.eq(label).to_type(like.dtype), numbers.eq((label + 1) % classes).to_type(like.dtype));
        Tensor[] made = [tensor(readout.Weight, dtype: ScalarType.Float64).to_type(like.dtype), other - own, 1 - own - other];
        _tensors = [.. made.Select(each => each.to(like.device).alias().DetachFromDisposeScope())];
        eval();   // before there is a child: its mode stays as it is
        register_module(Child, network);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (weight, direction, rest) = (_tensors[0], _tensors[1], _tensors[2]);
        var score = (_features.Of(input) * weight).sum(dim: 1, keepdim: true) + _bias;
        return (score * direction - (score.detach().abs() + FarBelow) * rest).MoveToOuterDisposeScope();
    }

    // The caller owns the network: it is removed before this module is disposed.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            register_module(Child, null!);
            foreach (var held in _tensors) held.Dispose();
        }
        base.Dispose(disposing);
    }
}
