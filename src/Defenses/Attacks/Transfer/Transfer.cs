using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Gray-box transfer: makes examples on a model of the attacker, and tests them on the model of the run.</summary>
/// <remarks>
/// The source may be any view: an undefended network, the model without its randomness, several <see cref="Surrogates"/>. The attacked model only
/// decides whether the finished examples meet the goal (<see cref="AttackResult.Met"/>); <see cref="AttackResult.Queries"/> counts
/// its passes, not those of the source. Source and attacked model must have the same bounds and classes.
/// Source: Papernot, McDaniel and Goodfellow 2016 (Transferability in machine learning).
/// </remarks>
/// <param name="Source">The view of the attacker's model, in evaluation mode.</param>
/// <param name="Attack">The attack on the source. Its seed is not used: the seed of this attack is.</param>
public sealed record Transfer(ModelView Source, Attack Attack) : Attack
{
    /// <summary>The strongest transfer within a budget: <see cref="TransferPgd"/> with its default parts.</summary>
    /// <param name="source">The view of the attacker's model, in evaluation mode.</param>
    /// <param name="epsilon">The budget, in the units of the bounds; 0 or above.</param>
    public Transfer(ModelView source, double epsilon) : this(source, new TransferPgd(epsilon))
    {
    }

    /// <summary>The view of the attacker's model, in evaluation mode.</summary>
    public ModelView Source { get; init => field = Require.NotNull(value, nameof(Source)); } = Require.NotNull(Source, nameof(Source));

    /// <summary>The attack on the source.</summary>
    public Attack Attack { get; init => field = Require.NotNull(value, nameof(Attack)); } = Require.NotNull(Attack, nameof(Attack));

    /// <summary>The norm of the attack.</summary>
    public override Norm Norm { get; init; } = Attack.Norm;

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
        using var lent = SurrogateStreams.Lend(run, [Source], Seed, Attack.IsRoundingSensitive);
        var outside = run.On(Source, Attack.DecisionDraws);
        var made = outside.Perturb(Attack);
        run.LeftOut = outside.LeftOut;
        return made;
    }
}
