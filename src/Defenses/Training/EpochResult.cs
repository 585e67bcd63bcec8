namespace Defenses.Training;

/// <summary>What one epoch gave.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">The mean loss over the epoch's examples, each measured just before the step that it took part in.</param>
/// <param name="Accuracy">The fraction of the epoch's examples that were recognised then, in training mode.</param>
/// <param name="ValidationAccuracy">
/// The training's <see cref="ValidationScore"/> after the epoch: by default the fraction of the validation examples recognised, in evaluation mode with
/// fresh draws; null without validation data.
/// </param>
public readonly record struct EpochResult(int Epoch, double Loss, double Accuracy, double? ValidationAccuracy);
