using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>An attack that an honest evaluation of a model must run: from which view, with which aim, and why.</summary>
public sealed class PlannedAttack
{
    private readonly Func<double, Attack> _make;
    private readonly Look _look;

    internal PlannedAttack(string name, Func<double, Attack> make, Look look, string reason) => (Name, _make, _look, Reason) = (name, make, look, reason);

    /// <summary>The attack's name; together with view and goal unique in a plan.</summary>
    public string Name { get; }

    /// <summary>What the attacker looks at.</summary>
    public string ViewName => _look.Name;

    /// <summary>Why it belongs into the plan, with the source that says so.</summary>
    public string Reason { get; }

    /// <summary>What it wants, from the labels, (N,) int64; null for any other class.</summary>
    public Func<Tensor, Goal>? Goal { get; internal init; }

    /// <summary>What it wants, in words.</summary>
    public string GoalName { get; internal init; } = "avoid the label";

    /// <summary>Whether the view is the plain one on a deterministic model.</summary>
    public bool NeedsRandomness => _look.NeedsRandomness;

    /// <summary>The attack with the budget ε, above 0, in the units of the model's bounds. Attacks for small changes have no budget: compare their sizes with it.</summary>
    public Attack Make(double epsilon) => _make(Require.Positive(epsilon, nameof(epsilon)));

    /// <summary>The attacker's view of a model for a block of images.</summary>
    /// <param name="model">The model, or another to be compared under the same attack.</param>
    /// <param name="block">The number of the block: fixed draws differ from block to block. 0 by default.</param>
    public ModelView Look(Classifier model, long block = 0) => _look.Of(Require.NotNull(model, nameof(model)), block);

    /// <summary>Whether the attack follows gradients, and not questions.</summary>
    internal bool FollowsGradients { get; init; } = true;

    /// <summary>Whether the attack can see anything of a model without gradients of its own.</summary>
    internal bool SeesBlindModels => !FollowsGradients || _look.HasSurrogates;

    internal PlannedAttack Because(string reason) => new(Name, _make, _look, reason) { Goal = Goal, GoalName = GoalName, FollowsGradients = FollowsGradients };

    internal PlannedAttack Unseen(IReadOnlyList<DetectorLimit> detectors) =>
        new(Name, _make, _look, Reason) { Goal = labels => new Detected(Attacks.Goal.Avoid(labels), detectors), GoalName = "avoid the label unseen" };
}
