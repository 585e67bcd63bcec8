using Defenses.Attacks;

namespace Defenses.Evaluation.Reporting;

/// <summary>One attack of an evaluation, from one view. What is not a parameter is null in reports of earlier versions.</summary>
/// <param name="Attack">Its name.</param>
/// <param name="View">The attacker's view.</param>
/// <param name="Goal">What it wants: "avoid the label" or a name of the user's.</param>
/// <param name="Options">All its options, one text for each strength.</param>
public sealed record AttackSettings(string Attack, string View, string Goal, IReadOnlyList<string> Options)
{
    /// <summary>What it asks of the model.</summary>
    public Knowledge? Knowledge { get; init; }

    /// <summary>Steps along gradients at the headline strength; null where it has no such number.</summary>
    public int? Steps { get; init; }

    /// <summary>Draws of a random model behind a gradient, of view and attack together; <see cref="int.MaxValue"/> for all of them.</summary>
    public int? Draws { get; init; }

    /// <summary>The norm in which it spends its budget.</summary>
    public string? Norm { get; init; }

    /// <summary>What its view averages over draws, such as "plain" for "EOT 20": the same for views that differ in the number of draws only.</summary>
    public string? Averages { get; init; }

    /// <summary>Its names and options alone, as every version has noted them: all else follows from them.</summary>
    internal AttackSettings Named => new(Attack, View, Goal, Options);

    /// <summary>Whether it wants any class but the label.</summary>
    internal bool AvoidsLabel => Goal == AttackEntry.UsualGoal;

    /// <summary>Whether it spends its budget in a norm, as far as it is known: one in another norm wastes it.</summary>
    internal bool IsIn(string norm) => Norm is null || Norm == norm;
}
