using Defenses.Attacks;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>An attack to evaluate with, from one view, at any strength.</summary>
public sealed class AttackEntry
{
    private readonly Func<double, Attack> _make;

    /// <summary>Names an attack.</summary>
    /// <param name="name">Unique in an evaluation together with the view's name.</param>
    /// <param name="make">The attack with the budget ε. Its seed is set by the evaluation.</param>
    /// <param name="view">What the attacker looks at; the plain model by default.</param>
    public AttackEntry(string name, Func<double, Attack> make, View? view = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, _make, View) = (name, Require.NotNull(make, nameof(make)), view ?? View.Plain);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>What the attacker looks at.</summary>
    public View View { get; }

    /// <summary>What it wants, from the labels, (N,) int64; by default (null) any other class.</summary>
    public Func<Tensor, Goal>? Goal { get; init; }

    /// <summary>What it wants, in words for the report.</summary>
    public string GoalName { get; init; } = "avoid the label";

    internal string FullName => View == View.Plain ? Name : $"{Name}, {View.Name}";

    internal Attack Make(double epsilon) =>
        _make(epsilon) ?? throw new InvalidOperationException($"The attack '{Name}' is null for ε = {epsilon}. Let its function make an attack.");

    internal Goal GoalOf(Tensor labels) => Goal is null ? Attacks.Goal.Avoid(labels)
        : Goal(labels) ?? throw new InvalidOperationException($"The goal of attack '{Name}' is null. Let its function make a goal.");
}
