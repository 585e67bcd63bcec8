using Defenses.Attacks;
using Defenses.Training;

namespace Defenses.Hardening;

/// <summary>How far an augmented training is.</summary>
/// <param name="Stage">Which of its parts is under way.</param>
/// <param name="Training">How far that one is, if it is a training.</param>
/// <param name="Attack">How many examples of how many have been attacked, if it is the attack.</param>
public readonly record struct AugmentationProgress(AugmentationStage Stage, TrainingProgress? Training, AttackProgress? Attack);
