using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Adversarial training: the cross-entropy on images that an attack perturbs in every step, all images of a batch or its first share.</summary>
/// <remarks>
/// The attack uses the network in evaluation mode, as an attacker would; modes, streams, gradients and flags are as before when the loss is computed.
/// Each step has its own random stream, so an interrupted run resumes to the same weights; the attack's <see cref="Attack.Seed"/> is ignored. With a
/// share of 0 it is exactly the plain training. Source: Madry et al. 2018, section 2.1 (share 1); Erichson, Yao and Mahoney 2019 (a share, one step).
/// With a large ε a network can end with one constant answer; a ramp, which lets ε grow in the first part of the training, prevents that.
/// </remarks>
public sealed class AdversarialTraining : TrainingObjective
{
    private readonly Adversary _adversary;
    private readonly Func<double, AdversarialTraining>? _withBudget;
    private readonly double _epsilon, _ramp;

    /// <summary>Trains against an attack.</summary>
    /// <param name="attack">For example <see cref="Pgd"/> with few steps; its ε is in the units of the images.</param>
    /// <param name="bounds">The valid range of the network's input images.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are not finite and ascending.</exception>
    public AdversarialTraining(Attack attack, Bounds bounds) => _adversary = new Adversary(attack, bounds);

    /// <summary>Trains against an attack whose ε grows: in a straight line up to its full value in the first part of the training, and is constant
    /// after it.</summary>
    /// <param name="attack">Makes the attack from an ε of at most <paramref name="epsilon"/>; also what depends on ε, like the size of a step.</param>
    /// <param name="epsilon">The full ε, in the units of the images, 0 or above.</param>
    /// <param name="bounds">The valid range of the network's input images.</param>
    /// <param name="ramp">The share of all planned steps in which ε grows, in [0, 1]. With 0 it is full from the first step on.</param>
    /// <exception cref="ArgumentOutOfRangeException">ε is negative, the ramp lies outside [0, 1], or the bounds are not finite and ascending.</exception>
    public AdversarialTraining(Func<double, Attack> attack, double epsilon, Bounds bounds, double ramp)
        : this(Require.NotNull(attack, nameof(attack))(Require.NotNegative(epsilon, nameof(epsilon))), bounds)
    {
        (_epsilon, _ramp) = (epsilon, Require.Within(ramp, 0, 1, nameof(ramp)));
        _withBudget = budget => new AdversarialTraining(attack(budget), bounds) { Share = Share, Draws = Draws };
    }

    /// <summary>The attacked share of each batch, in [0, 1]; by default 1. Batches are shuffled: the first ⌊share·N⌋ examples are attacked.</summary>
    public double Share { get; init => field = Require.Within(value, 0, 1, nameof(Share)); } = 1;

    /// <summary>Random draws of the network that the attack averages for a gradient, at least 1 (default).</summary>
    public int Draws { get => _adversary.Draws; init => _adversary = _adversary with { Draws = value }; }

    /// <summary>PGD from a random point of the ball, on every image.</summary>
    /// <remarks>Source: Madry et al. 2018, 7 steps of ε/4 on CIFAR-10. For their 40 steps of ε/30 on MNIST, give the constructor a <see cref="Pgd"/> with that
    /// StepSize.</remarks>
    /// <param name="epsilon">ε in L∞, in the units of the images, 0 or above.</param>
    /// <param name="bounds">The valid range of the images.</param>
    /// <param name="steps">Steps of size ε/4 each, at least 1; by default 7.</param>
    /// <param name="ramp">The share of all planned steps in which ε grows from 0, in [0, 1]; by default 0, as in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">ε is negative, there is no step, the ramp lies outside [0, 1], or the bounds are not finite and
    /// ascending.</exception>
    public static AdversarialTraining Madry(double epsilon, Bounds bounds, int steps = 7, double ramp = 0) =>
        new(budget => new Pgd(budget) { Steps = steps, StepSize = budget > 0 ? budget / 4 : null, Restarts = 1 }, epsilon, bounds, ramp);

    /// <summary>One step of FGSM on a share of each batch.</summary>
    /// <remarks>Source: code of Erichson, Yao and Mahoney 2019: share 0.3 and ε 0.3 on MNIST, 0.6 and 0.031 on CIFAR-10, in
    /// the units of normalised images.</remarks>
    /// <param name="epsilon">ε in L∞, in the units of the images, 0 or above.</param>
    /// <param name="bounds">The valid range of the images.</param>
    /// <param name="share">The attacked share of each batch, in [0, 1]; by default 0.3.</param>
    /// <exception cref="ArgumentOutOfRangeException">ε is negative, the share lies outside [0, 1], or the bounds are not finite and ascending.</exception>
    public static AdversarialTraining MixedFgsm(double epsilon, Bounds bounds, double share = 0.3) => new(new Fgsm(epsilon), bounds) { Share = share };

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var count = Shares.Of(Share, images.shape[0]);
        var logits = ForwardPass.Run(network, count == 0 ? images : Attacked(network, images, labels, count, random.Seed));
        return (CrossEntropyObjective.Loss(logits, labels), logits);
    }

    /// <inheritdoc/>
    protected internal override TrainingObjective At(double progress) =>
        _withBudget is null || progress >= _ramp ? this : _withBudget(_epsilon * progress / _ramp);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"cross-entropy, a share of {Share} attacked by {_adversary}")
        + (_ramp > 0 ? FormattableString.Invariant($", epsilon growing over a share of {_ramp} of the steps") : "");

    private Tensor Attacked(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, long count, ulong seed)
    {
        using var scope = NewDisposeScope();
        var rest = images.shape[0] - count;
        var attacked = _adversary.Perturb(network, images.narrow(0, 0, count), labels.narrow(0, 0, count), Seeds.Combine(seed, "attack"));
        return (rest == 0 ? attacked : cat([attacked, images.narrow(0, count, rest)])).MoveToOuterDisposeScope();
    }
}
