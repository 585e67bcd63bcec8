using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Gray-box transfer: examples are made on a model of the attacker's own, and tried on the model that the run is given.</summary>
/// <remarks>
/// The source may be any view: an undefended network, the model without its randomness, several <see cref="Surrogates"/>. The attacked model is asked
/// only whether the finished examples meet the goal (<see cref="AttackResult.Met"/>); <see cref="AttackResult.Queries"/> counts
/// its passes, not those of the source. Source and attacked model must have the same bounds and classes.
/// Source: Papernot, McDaniel and Goodfellow 2016 (Transferability in machine learning).
/// </remarks>
/// <param name="Source">The attacker's own view of its own model, in evaluation mode.</param>
/// <param name="Attack">What is run against the source. Its seed is not used: this attack's is.</param>
public sealed record Transfer(ModelView Source, Attack Attack) : Attack
{
    /// <summary>The attacker's own view of its own model, in evaluation mode.</summary>
    public ModelView Source { get; init => field = Require.NotNull(value, nameof(Source)); } = Require.NotNull(Source, nameof(Source));

    /// <summary>What is run against the source.</summary>
    public Attack Attack { get; init => field = Require.NotNull(value, nameof(Attack)); } = Require.NotNull(Attack, nameof(Attack));

    /// <summary>The norm of the attack.</summary>
    public override Norm Norm { get; init; } = Attack.Norm;

    /// <inheritdoc/>
    /// <remarks>Of the attacked model: whether finished examples fool it. What the attack knows, it knows of the source.</remarks>
    public override Knowledge Knowledge => Attack.Knowledge == Knowledge.None ? Knowledge.None : Knowledge.Decisions;

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => Attack.AscendsCrossEntropy;

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => this with { Attack = Attack.WithDefaultStepSize() };

    /// <inheritdoc/>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor) => Attack.Strengthen(effort, factor) is { } more ? this with { Attack = more } : null;

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run)
    {
        using var lent = SourceModels.Lend(run, [Source], Seed, Attack.IsRoundingSensitive);
        return run.On(Source, Attack.DecisionDraws).Perturb(Attack);
    }
}
