using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Several attacks; each example keeps the point that the attacker's fresh draws find best.</summary>
/// <remarks>
/// Best: the largest share of draws that meet the goal, then the largest loss. Attacks with different budgets are not
/// comparable: all must have the same norm, and the caller gives all the same ε.
/// </remarks>
public sealed record WorstOf : Attack
{
    private readonly IReadOnlyList<Attack> _attacks;

    /// <summary>Runs all of the attacks.</summary>
    /// <param name="attacks">At least one, all in the same norm. Their seeds and decision draws are not used: those of this attack are.</param>
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

    /// <summary>The loss that breaks ties between points; by default the margin of the logits.</summary>
    public Loss Loss { get; init => field = Require.NotNull(value, nameof(Loss)); } = Loss.Margin;

    /// <summary>The options of all attacks.</summary>
    public override string ToString() => $"{nameof(WorstOf)} {{ Norm = {Norm}, Loss = {Loss}, Attacks = [{string.Join(", ", _attacks)}] }}";

    /// <inheritdoc/>
    public override Knowledge Knowledge => _attacks.Aggregate(Knowledge.None, (all, attack) => all | attack.Knowledge);

    /// <inheritdoc/>
    /// <remarks>The largest number among them; null if an attack that follows gradients has no number.</remarks>
    public override int? GradientSteps
    {
        get
        {
            var steps = _attacks.Where(attack => attack.Knowledge.FollowsGradients()).Select(attack => attack.GradientSteps).ToArray();
            return steps.Contains(null) ? null : steps.Max();
        }
    }

    /// <inheritdoc/>
    public override int GradientDraws => _attacks.Max(attack => attack.GradientDraws);

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => _attacks.All(attack => attack.AscendsCrossEntropy);

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => With([.. _attacks.Select(attack => attack.WithDefaultStepSize())]);

    /// <inheritdoc/>
    /// <remarks>Only attacks with this option are strengthened. Draws need the option in all attacks: the others would need another view.</remarks>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor)
    {
        Attack?[] more = [.. _attacks.Select(attack => attack.Strengthen(effort, factor))];
        var none = effort == AttackEffort.Draws ? more.Contains(null) : more.All(attack => attack is null);
        return none ? null : With([.. more.Zip(_attacks, (with, without) => with ?? without)]);
    }

    private WorstOf With(IReadOnlyList<Attack> attacks) => new(attacks) { Loss = Loss, Seed = Seed, DecisionDraws = DecisionDraws };

    /// <inheritdoc/>
    /// <remarks>An example that one of them attempts is attempted.</remarks>
    protected internal override Tensor Perturb(AttackRun run)
    {
        IReadOnlyList<long>? leftOut = null;
        var best = BestPerExample.Find(run, Loss, _attacks.Count, number =>
        {
            run.LeftOut = [];
            var end = run.Perturb(_attacks[number]);
            leftOut = leftOut is null ? run.LeftOut : [.. leftOut.Intersect(run.LeftOut)];
            return end;
        });
        run.LeftOut = leftOut!;
        return best;
    }
}
