namespace Defenses.Training;

/// <summary>How far a distillation is.</summary>
/// <param name="Stage">Which of its trainings is under way.</param>
/// <param name="Training">How far that one is.</param>
public readonly record struct DistillationProgress(DistillationStage Stage, TrainingProgress Training);
