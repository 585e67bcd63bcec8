using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>What one run trains, on what, towards what, and whom it tells.</summary>
internal sealed class TrainingTask
{
    internal required nn.Module<Tensor, Tensor> Network { get; init; }
    internal required ITrainingData Data { get; init; }
    internal required TrainingObjective Objective { get; init; }
    internal ITrainingData? Validation { get; init; }
    internal required ValidationScore Score { get; init; }
    internal string? Checkpoint { get; init; }
    internal IProgress<TrainingProgress>? Progress { get; init; }
}
