namespace Defenses.Attacks;

/// <summary>The information that an attack takes from the attacked model. An ensemble needs the information of all its parts.</summary>
[Flags]
public enum Knowledge
{
    /// <summary>Nothing: the attack is the same for every model.</summary>
    None = 0,

    /// <summary>Decisions: the predicted class, or only whether finished examples fool the model.</summary>
    Decisions = 1,

    /// <summary>Scores: the logits.</summary>
    Scores = 2,

    /// <summary>The gradient, for a single step.</summary>
    SingleStep = 4,

    /// <summary>The gradient, for many steps.</summary>
    Gradient = 8,
}

/// <summary>Properties that follow from the knowledge of an attack.</summary>
internal static class KnowledgeExtensions
{
    /// <summary>Whether the attack follows gradients, for one step or for many.</summary>
    internal static bool FollowsGradients(this Knowledge knowledge) => (knowledge & (Knowledge.Gradient | Knowledge.SingleStep)) != 0;

    /// <summary>Whether the attack uses forward passes of the model, but no gradients.</summary>
    internal static bool QueriesOnly(this Knowledge knowledge) => knowledge != Knowledge.None && !knowledge.FollowsGradients();
}
