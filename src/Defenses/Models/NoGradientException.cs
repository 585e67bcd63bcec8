namespace Defenses.Models;

/// <summary>A look for gradients found a network whose output is not connected to its input.</summary>
public sealed class NoGradientException : InvalidOperationException
{
    /// <summary>Says what may be in the way, and which attacks need no gradient.</summary>
    public NoGradientException()
        : base("The network's output is not connected to its input, so it has no gradient: something in it detaches, votes, or computes under no_grad. " +
            "Attack it through StraightThrough where a layer has a surrogate, or with attacks that only ask: Square, Nes, Spsa, HopSkipJump, BoundaryAttack.")
    {
    }

    /// <summary>Says of a kind of model that it has no gradient, and which attacks need none.</summary>
    internal NoGradientException(string message) : base(message)
    {
    }
}
