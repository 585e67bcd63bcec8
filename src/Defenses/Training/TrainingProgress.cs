namespace Defenses.Training;

/// <summary>How far a training is.</summary>
/// <param name="Epoch">The epoch it is in, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">The mean loss of this epoch so far.</param>
/// <param name="Accuracy">The fraction recognised of this epoch so far, in training mode.</param>
/// <param name="ImagesPerSecond">Since this run began.</param>
/// <param name="TimeLeft">At that speed.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long Steps, double Loss, double Accuracy, double ImagesPerSecond, TimeSpan TimeLeft);
