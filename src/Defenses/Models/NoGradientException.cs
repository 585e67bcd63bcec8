namespace Defenses.Models;

/// <summary>A gradient query to a network whose output is not connected to its input.</summary>
public sealed class NoGradientException : InvalidOperationException
{
    /// <summary>The message states possible causes, and attacks that need no gradient.</summary>
    public NoGradientException()
        : base("The network's output is not connected to its input, so it has no gradient: a part of the network detaches tensors, takes a vote, or " +
            "computes under no_grad. " +
            "Attack it through StraightThrough where a layer has a surrogate, or with attacks without gradients: " +
            "Square, Nes, Spsa, HopSkipJump, BoundaryAttack.")
    {
    }

    /// <summary>Says of a kind of model that it has no gradient, and which attacks need none.</summary>
    internal NoGradientException(string message) : base(message)
    {
    }

    /// <summary>That a view has no gradient, and which attacks need none.</summary>
    internal static string TextFor(ModelView view)
    {
        var byScores = view.Answers == ModelAnswers.Decisions ? "" : "Square, Nes, Spsa, ";
        return $"A {view.GetType().Name} answers with {view.Answers.Words()} and has no gradient. Attack it with attacks that need none " +
            $"({byScores}HopSkipJump, BoundaryAttack), or with Transfer from a separate network.";
    }
}
