using System.Globalization;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>TRADES: cross-entropy on the images plus β times the largest change of the prediction within ε.</summary>
/// <remarks>
/// CE(f(x), y) + β·max KL(p(x) ‖ p(x′)) over ‖x′ − x‖ ≤ ε, p = softmax(f). PGD in evaluation mode searches the maximum, from x plus noise of 0.001 of the
/// bounds' range; both terms have gradients. With β = 0 it is exactly the plain training. Streams and modes as in <see cref="AdversarialTraining"/>.
/// Source: Zhang et al. 2019, section 3.3, equation 5 and algorithm 1, with β for their 1/λ.
/// </remarks>
public sealed class Trades : TrainingObjective
{
    private const double FirstStep = 1e-3;
    private readonly Bounds _bounds;

    /// <summary>Trains for stable predictions within ε.</summary>
    /// <param name="epsilon">ε, in the units of the images and of the norm, 0 or above.</param>
    /// <param name="bounds">The valid range of the network's input images.</param>
    /// <exception cref="ArgumentOutOfRangeException">ε is negative or not finite, or the bounds are not finite and ascending.</exception>
    public Trades(double epsilon, Bounds bounds)
    {
        Epsilon = Require.NotNegative(epsilon, nameof(epsilon));
        _bounds = bounds.Checked(nameof(bounds));
    }

    /// <summary>ε, in the units of the images and of the norm.</summary>
    public double Epsilon { get; }

    /// <summary>β, the weight of the divergence, 0 or above; by default 6.</summary>
    public double Beta { get; init => field = Require.NotNegative(value, nameof(Beta)); } = 6;

    /// <summary>The norm of ε: L2 or (default) L∞.</summary>
    public Norm Norm { get; init => field = Norm.L2OrLinf(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>Steps of the search, at least 1; by default 10.</summary>
    public int Steps { get; init => field = Require.AtLeast(value, 1, nameof(Steps)); } = 10;

    /// <summary>The size of a step in the norm, above 0; by default (null) ε/4.</summary>
    public double? StepSize { get; init => field = value is { } size ? Require.Positive(size, nameof(StepSize)) : null; }

    /// <summary>Random draws of the network that the search averages for a gradient, at least 1 (default).</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 1;

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var adversarial = Beta == 0 ? null : Farthest(network, images, labels, Seeds.Combine(random.Seed, "attack"));
        var logits = ForwardPass.Run(network, images);
        var loss = CrossEntropyObjective.Loss(logits, labels);
        if (adversarial is null) return (loss, logits);
        var moved = new Divergence(FiniteLogits.Of(logits).log_softmax(-1)).Of(ForwardPass.Run(network, adversarial)).mean();
        return (loss + Beta * moved, logits);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"cross-entropy + {Beta}·KL within {Epsilon} in {Norm} by {Steps} steps of {StepSize ?? Epsilon / 4} through {Draws} draws within " +
        $"[{_bounds.Lower}, {_bounds.Upper}]");

    private Tensor Farthest(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, ulong seed) =>
        new Adversary(new Search(this), _bounds) { Draws = Draws }.Perturb(network, images, labels, seed);

    /// <summary>Maximises the divergence from the prediction at the images.</summary>
    private sealed record Search(Trades Options) : Attack
    {
        public override Norm Norm { get; init; } = Options.Norm;

        public override Knowledge Knowledge => Knowledge.Gradient;

        protected internal override Tensor Perturb(AttackRun run)
        {
            using var scope = NewDisposeScope();
            var loss = new Divergence(FiniteLogits.Of(run.Model.ComputeLogits(run.Original)).log_softmax(-1));
            var start = run.Clip(run.Original + run.Random.Normal(run.Original, FirstStep * run.Model.Bounds.Range));
            var step = Options.StepSize ?? Options.Epsilon / 4;
            return new ProjectedAscent(Options.Norm, Options.Epsilon, step, Options.Steps, loss, StopEarly: false)
                .Ascend(run, start, 0, Options.Steps).MoveToOuterDisposeScope();
        }
    }
}

/// <summary>The divergence of predictions from reference predictions, KL(p ‖ softmax(z)): (N, classes) → (N,). For whole
/// batches only: row i belongs to row i.</summary>
/// <param name="reference">log p, (N, classes).</param>
internal sealed class Divergence(Tensor reference) : Loss
{
    public override Tensor Value(Tensor logits, Goal goal) => Of(logits);

    internal Tensor Of(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return (reference.exp() * (reference - FiniteLogits.Of(logits).log_softmax(-1))).sum(1).MoveToOuterDisposeScope();
    }

    public override string ToString() => "divergence";
}
