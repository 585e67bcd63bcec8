using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>An attack that an honest evaluation of a model must run: its view, its goal, and the reason.</summary>
public sealed class PlannedAttack
{
    private readonly Func<double, Attack> _make;

    internal PlannedAttack(string name, Func<double, Attack> make, AttackerView view, string reason) =>
        (Name, _make, View, Reason) = (name, make, view, reason);

    /// <summary>The attack's name; together with view and goal unique in a plan.</summary>
    public string Name { get; }

    /// <summary>The attacker's view of the model.</summary>
    public AttackerView View { get; }

    /// <summary>Why the attack belongs to the plan, with the source.</summary>
    public string Reason { get; }

    /// <summary>Makes the goal from the labels, (N,) int64; null for any other class.</summary>
    public Func<Tensor, Goal>? Goal { get; internal init; }

    /// <summary>The goal in words.</summary>
    public string GoalName { get; internal init; } = "avoid the label";

    /// <summary>The attack with the budget ε, above 0, in the units of the model's bounds. Minimum-norm attacks have no
    /// budget: compare their sizes with it.</summary>
    public Attack Make(double epsilon) => _make(Require.Positive(epsilon, nameof(epsilon)));

    /// <summary>Whether the attack works on a model without gradients.</summary>
    internal bool WorksWithoutModelGradients => View.HasSurrogates || !Make(1).Knowledge.FollowsGradients();

    /// <summary>Whether a model that answers so can be attacked.</summary>
    internal bool NeedsNoMoreThan(ModelAnswers answers) => Make(1).Knowledge is var knowledge && answers switch
    {
        ModelAnswers.Gradients => true,
        ModelAnswers.Scores => !knowledge.FollowsGradients(),
        _ => !knowledge.FollowsGradients() && !knowledge.HasFlag(Knowledge.Scores),
    };

    internal PlannedAttack WithReason(string reason) => new(Name, _make, View, reason) { Goal = Goal, GoalName = GoalName };

    internal PlannedAttack EvadingDetectors(IReadOnlyList<DetectorLimit> detectors) =>
        new(Name, _make, View, Reason) { Goal = labels => new EvadeDetectors(Attacks.Goal.Avoid(labels), detectors), GoalName = "avoid the label unseen" };
}
