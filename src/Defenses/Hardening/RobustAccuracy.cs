using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>The fraction of the validation examples that a network still recognises after an attack: a score for early
/// stopping of adversarial training.</summary>
/// <remarks>
/// Adversarial training overfits: its robust accuracy on fresh examples falls long before its training ends (Rice, Wong and Kolter 2020). A random
/// network answers by one fresh draw that the attack did not use. The attack's <see cref="Attack.Seed"/> is ignored.
/// </remarks>
public sealed class RobustAccuracy : ValidationScore
{
    private readonly Adversary _adversary;

    /// <summary>Measures under an attack.</summary>
    /// <param name="attack">For example <see cref="Pgd"/> with few steps; its ε is in the units of the images.</param>
    /// <param name="bounds">The valid range of the network's input images.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bounds are not finite and ascending.</exception>
    public RobustAccuracy(Attack attack, Bounds bounds) => _adversary = new Adversary(attack, bounds);

    /// <summary>Examples per attack, at least 1; by default 100.</summary>
    public int BatchSize { get; init => field = Require.AtLeast(value, 1, nameof(BatchSize)); } = 100;

    /// <summary>Random draws of the network that the attack averages for a gradient, at least 1 (default).</summary>
    public int Draws { get => _adversary.Draws; init => _adversary = _adversary with { Draws = value }; }

    /// <inheritdoc/>
    protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation)
    {
        Require.AtLeast(Require.NotNull(data, nameof(data)).Count, 1, nameof(data));
        var device = Require.NotNull(network, nameof(network)).parameters().FirstOrDefault()?.device ?? CPU;
        var correct = 0L;
        foreach (var indices in SequentialBatches.Batches(data.Count, BatchSize, cancellation))
        {
            using var scope = NewDisposeScope();
            var (images, labels) = data.Batch(indices);
            correct += CountCorrect(network, images.to(device), labels.to(device), Seeds.Combine(seed, indices[0]));
        }
        return (double)correct / data.Count;
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"share recognised after {_adversary} by batches of {BatchSize}");

    private long CountCorrect(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, ulong seed)
    {
        var attacked = _adversary.Perturb(network, images, labels, Seeds.Combine(seed, "attack"));
        using var evaluation = new EvaluationMode(network);
        using var streams = network.LendStreams(Seeds.Combine(seed, "judge"));
        using var noGrad = no_grad();
        return ForwardPass.Run(network, attacked).argmax(-1).eq(Require.Classes(labels, nameof(labels))).sum().ToInt64();
    }
}
