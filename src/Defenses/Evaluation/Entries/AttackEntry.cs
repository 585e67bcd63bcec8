using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>An attack from one view, at any strength, for an evaluation.</summary>
public sealed class AttackEntry
{
    internal const string UsualGoal = "avoid the label";

    private readonly Func<double, Attack> _make;

    /// <summary>Names an attack.</summary>
    /// <param name="name">Unique in an evaluation together with the view's name.</param>
    /// <param name="make">Makes the attack with the budget ε. The evaluation sets its seed.</param>
    /// <param name="view">The attacker's view of a model; the plain view by default.</param>
    public AttackEntry(string name, Func<double, Attack> make, AttackerView? view = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, _make, View) = (name, Require.NotNull(make, nameof(make)), view ?? AttackerView.Plain);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The attacker's view of a model.</summary>
    public AttackerView View { get; }

    /// <summary>The goal, from the labels, (N,) int64; by default (null) any other class.</summary>
    public Func<Tensor, Goal>? Goal { get; init; }

    /// <summary>The name of the goal in the report. Attacks are compared only if this is the same. By default "avoid the label", or "goal of" and its name
    /// if <see cref="Goal"/> is set.</summary>
    public string GoalName { get => field ?? (Goal is null ? UsualGoal : $"goal of {Name}"); init => field = Require.NotNull(value, nameof(GoalName)); }

    /// <summary>The images that the attack may return; by default (null) all within the bounds. Attacks are compared only if theirs are the same.</summary>
    /// <remarks>A part with a row for each image of the evaluation, such as a mask (N, …), holds by image number.</remarks>
    public Constraint? Constraint { get; init; }

    /// <summary>The attacks of a plan, in its order.</summary>
    /// <param name="plan">Such as <see cref="AdaptiveAttacks.For"/> makes for a model.</param>
    public static IReadOnlyList<AttackEntry> From(AttackPlan plan) => [.. Require.NotNull(plan, nameof(plan)).Select(From)];

    /// <summary>An attack of a plan.</summary>
    public static AttackEntry From(PlannedAttack planned)
    {
        Require.NotNull(planned, nameof(planned));
        var name = planned.Goal is null ? planned.Name : $"{planned.Name}, unseen";   // name and view must be unique together; the goal is not part of them
        return new AttackEntry(name, planned.Make, planned.View) { Goal = planned.Goal, GoalName = planned.GoalName };
    }

    internal string FullName => View == AttackerView.Plain ? Name : $"{Name}, {View.Name}";

    internal Attack Make(double epsilon) =>
        _make(epsilon) ?? throw new InvalidOperationException($"The attack '{Name}' is null for ε = {epsilon}. Let its function return an attack.");

    /// <summary>All options at a strength, as text.</summary>
    internal string Options(double epsilon) => Constraint is null ? $"{Make(epsilon)}" : $"{Make(epsilon)} within {Constraint}";

    /// <summary>Its entry in a report: all options as text, and the data that the checks need.</summary>
    /// <param name="options">The options at each strength.</param>
    /// <param name="headline">The strength that steps and draws are taken from.</param>
    internal AttackSettings Settings(IReadOnlyList<string> options, double headline)
    {
        var attack = Make(headline);
        return new AttackSettings(Name, View.Name, GoalName, options)
        {
            Knowledge = attack.Knowledge, Steps = attack.GradientSteps, Draws = View.DrawsWith(attack.GradientDraws),
            Norm = $"{attack.Norm}", Averages = View.Averages, Constraint = Constraint?.ToString(),
        };
    }

    internal Goal GoalOf(Tensor labels) => Goal is null ? Attacks.Goal.Avoid(labels)
        : Goal(labels) ?? throw new InvalidOperationException($"The goal of attack '{Name}' is null. Let its function return a goal.");
}
