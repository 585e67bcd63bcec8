using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The translucent box: the attacker knows all but the weights, makes examples on similarly trained models and checks them on further ones.</summary>
/// <remarks>
/// An example that fools too few of the validators is not sent: it stays the original. <see cref="LeaveOneOut"/> is the paper's experiment without a
/// separate attacked model: each validator in turn is the attacked model, and the others validate (at least 5 of 7). For the paper's setting attack
/// eight <see cref="Surrogates"/> by C&amp;W towards <see cref="RandomTargets"/>, with eight validators and several confidences.
/// Images are rounded to 8 bits before they are checked, sent and measured. Source: Ge et al. 2020 (Random Spiking), section 4.
/// </remarks>
/// <param name="Source">The jointly attacked models, usually <see cref="Surrogates"/>.</param>
/// <param name="Validators">Models that the attack does not use, at least one.</param>
/// <param name="Attack">The attack on the source. Its seed is not used: the seed of this attack is.</param>
public sealed record TransferWithValidation(ModelView Source, IReadOnlyList<ModelView> Validators, Attack Attack) : Attack
{
    /// <summary>The strongest transfer within a budget: <see cref="TransferPgd"/> with its default parts.</summary>
    /// <param name="source">The jointly attacked models.</param>
    /// <param name="validators">Models that the attack does not use, at least one.</param>
    /// <param name="epsilon">The budget, in the units of the bounds; 0 or above.</param>
    public TransferWithValidation(ModelView source, IReadOnlyList<ModelView> validators, double epsilon)
        : this(source, validators, new TransferPgd(epsilon))
    {
    }

    /// <summary>The jointly attacked models.</summary>
    public ModelView Source { get; init => field = Require.NotNull(value, nameof(Source)); } = Require.NotNull(Source, nameof(Source));

    /// <summary>Models that the attack does not use.</summary>
    public IReadOnlyList<ModelView> Validators
    {
        get;
        init => field = [.. Require.NotEmpty(value, nameof(Validators))];
    } = [.. Require.NotEmpty(Validators, nameof(Validators))];

    /// <summary>The attack on the source.</summary>
    public Attack Attack { get; init => field = Require.NotNull(value, nameof(Attack)); } = Require.NotNull(Attack, nameof(Attack));

    /// <summary>The norm of the attack.</summary>
    public override Norm Norm { get; init; } = Attack.Norm;

    /// <summary>The share of the validators that an example must fool to be sent, from 0 to 1; by default 5/7.</summary>
    public double PassShare { get; init => field = Require.Within(value, 0, 1, nameof(PassShare)); } = 5 / 7d;

    /// <summary>Whether images are rounded to 8 bits, as in an image file; on by default. A budget may then be exceeded by half a step of 1/255.</summary>
    public bool Rounded { get; init; } = true;

    /// <inheritdoc/>
    /// <remarks>The knowledge of the attacked model: whether finished examples fool it. Gradients and scores come from the source.</remarks>
    public override Knowledge Knowledge => Attack.Knowledge == Knowledge.None ? Knowledge.None : Knowledge.Decisions;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Attack.AscendsCrossEntropy;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { Attack = Attack.WithDefaultStepSize() };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) =>
        Attack.Strengthen(effort, factor) is { } more ? this with { Attack = more } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var lent = SurrogateStreams.Lend(run, [Source, .. Validators], Seed, Attack.IsRoundingSensitive);
        var outside = run.On(Source, Attack.DecisionDraws);
        var found = outside.Perturb(Attack);
        var made = run.Resolution > 0 ? run.Project(found) : run.Within(AsSent(found, run.Model.Bounds));
        run.LeftOut = outside.LeftOut;
        var fooled = zeros([made.shape[0]], dtype: made.dtype, device: made.device);
        foreach (var validator in Validators) fooled.add_(run.On(validator).IsMet(made, run.Goal).to_type(made.dtype));
        var sent = Norm.PerExample(fooled >= Needed(Validators.Count), made);
        return where(sent, made, run.Original).MoveToOuterDisposeScope();
    }

    /// <summary>Makes examples on the source. Each validator in turn is the attacked model; the others decide which examples are sent.</summary>
    /// <param name="x">Images within the bounds, (N, …).</param>
    /// <param name="goal">The goal of each example.</param>
    /// <param name="progress">Receives a report after every step of the attack.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidOperationException">There is only one validator, or a model does not fit the source.</exception>
    public LeaveOneOutResult LeaveOneOut(Tensor x, Goal goal, IProgress<AttackProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (Validators.Count < 2) throw new InvalidOperationException("Leave-one-out needs at least two validators: one to attack and one to validate.");
        using var scope = NewDisposeScope();
        using var result = (Attack with { Seed = Seed }).Run(Source, x, goal, progress, cancellation);
        using var random = new RandomSource(Seed);
        var run = new AttackRun(Source, x.detach(), goal, random, DecisionDraws, null, cancellation);
        using var lent = SurrogateStreams.Lend(run, Validators, Seed, exact: false);
        var made = AsSent(result.Adversarial, Source.Bounds);
        var shares = stack(Validators.Select(validator => run.On(validator).Share(made, goal)).ToArray());
        return new LeaveOneOutResult(
            made.MoveToOuterDisposeScope(), Norm.Size(made - x).MoveToOuterDisposeScope(), shares.MoveToOuterDisposeScope(), Needed(Validators.Count - 1));
    }

    /// <summary>A random target for each image, neither its label nor the answer of a model of the source: (N,) int64.</summary>
    /// <remarks>Where no such class exists, any class but the label. Source: Ge et al. 2020, section 4.</remarks>
    /// <param name="x">Images within the bounds, (N, …).</param>
    /// <param name="labels">Their classes, (N,) int64.</param>
    public Tensor RandomTargets(Tensor x, Tensor labels)
    {
        Require.Images(x, Source.Bounds.Lower, Source.Bounds.Upper, nameof(x));
        using var scope = NewDisposeScope();
        var answers = Source.ComputeMemberLogits(x).argmax(-1);   // (models, N)
        Require.Labels(labels, x.shape[0], Source.Classes, nameof(labels));
        var wrong = ones(x.shape[0], Source.Classes, device: x.device).scatter(1, labels.unsqueeze(1), zeros(x.shape[0], 1, device: x.device));
        var free = wrong.scatter(1, answers.transpose(0, 1).contiguous(), zeros_like(answers.transpose(0, 1), dtype: wrong.dtype));
        var allowed = where(free.sum(1, keepdim: true) > 0, free, wrong);
        using var random = new RandomSource(Seed is { } seed ? Seeds.Combine(seed, nameof(RandomTargets)) : null);
        return random.Categorical(allowed / allowed.sum(1, keepdim: true), 1).squeeze(1).MoveToOuterDisposeScope();
    }

    private int Needed(int validators) => (int)Math.Ceiling(PassShare * validators - 1e-9);

    private Tensor AsSent(Tensor x, Bounds bounds) => Rounded ? EightBit.Round(x, bounds) : x.alias();
}
