namespace Defenses.Attacks;

/// <summary>What an attack asks of the model that it attacks. An ensemble has that of all its parts.</summary>
[Flags]
public enum Knowledge
{
    /// <summary>Nothing: it would do the same to every model.</summary>
    None = 0,

    /// <summary>Decisions: the class of an answer, or only whether finished examples fool the model.</summary>
    Decisions = 1,

    /// <summary>Scores: the logits.</summary>
    Scores = 2,

    /// <summary>The gradient, followed for a single step.</summary>
    SingleStep = 4,

    /// <summary>The gradient, followed for many steps.</summary>
    Gradient = 8,
}

/// <summary>What follows from the knowledge of an attack.</summary>
internal static class KnowledgeExtensions
{
    /// <summary>Whether gradients are followed, for one step or for many.</summary>
    internal static bool FollowsGradients(this Knowledge knowledge) => (knowledge & (Knowledge.Gradient | Knowledge.SingleStep)) != 0;

    /// <summary>Whether the model is asked for answers, and not for gradients.</summary>
    internal static bool QueriesOnly(this Knowledge knowledge) => knowledge != Knowledge.None && !knowledge.FollowsGradients();
}
