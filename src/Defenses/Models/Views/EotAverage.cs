namespace Defenses.Models;

/// <summary>What is averaged over draws before it is differentiated.</summary>
public enum EotAverage
{
    /// <summary>The loss: the gradient is the mean of the gradients of all draws.</summary>
    Losses,

    /// <summary>
    /// The probabilities: the loss is that of the logarithm of the mean probabilities. For models that decide by averaging probabilities;
    /// draws that are lost to the attacker count less.
    /// </summary>
    Probabilities,
}
