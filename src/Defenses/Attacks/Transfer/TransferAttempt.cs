namespace Defenses.Attacks;

/// <summary>One example sent to one model.</summary>
/// <param name="Image">The number of the image it was made from.</param>
/// <param name="Model">The number of the model among the validators.</param>
/// <param name="Size">The size of its perturbation.</param>
/// <param name="Success">The share of fresh draws in which the model met the goal, 0 to 1.</param>
public readonly record struct TransferAttempt(int Image, int Model, double Size, double Success);
