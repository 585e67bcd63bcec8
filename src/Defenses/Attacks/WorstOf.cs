using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Several attacks, of which each example keeps the point that the attacker's own fresh draws find best.</summary>
/// <remarks>
/// Best: the largest share of draws that meet the goal, then the largest loss. An attack that leaves the budget of another is not
/// comparable with it: all must have the same norm, and the caller gives all the same ε.
/// </remarks>
public sealed record WorstOf : Attack
{
    private readonly IReadOnlyList<Attack> _attacks;

    /// <summary>Runs all of the attacks.</summary>
    /// <param name="attacks">At least one, all in the same norm. Their own seeds and decision draws are not used: those of this attack are.</param>
    public WorstOf(params IReadOnlyList<Attack> attacks)
    {
        _attacks = [.. Require.NotEmpty(attacks, nameof(attacks))];
        if (_attacks.FirstOrDefault(attack => attack.Norm != _attacks[0].Norm) is { } other)
            throw new ArgumentException($"attacks must all have the same norm; they have {_attacks[0].Norm} and {other.Norm}.", nameof(attacks));
        Norm = _attacks[0].Norm;
    }

    /// <summary>The attacks.</summary>
    public IReadOnlyList<Attack> Attacks => _attacks;

    /// <summary>The norm of all of them.</summary>
    public override Norm Norm { get; init; }

    /// <summary>What breaks ties between points; by default the margin of the logits.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.Margin;

    /// <summary>The attacks by their options.</summary>
    public override string ToString() => $"{nameof(WorstOf)} {{ Norm = {Norm}, Loss = {Loss}, Attacks = [{string.Join(", ", _attacks)}] }}";

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) =>
        BestOfRestarts.Find(run, Loss, _attacks.Count, number => _attacks[number].Perturb(run));
}
