using Defenses.Models;
using Defenses.Statistics;
using Defenses.Training;

namespace Defenses.Attacks;

/// <summary>How well a frozen model does another task: the lower, the better it defends itself.</summary>
/// <param name="Epochs">Each epoch; its validation accuracy is that of the task on the test images.</param>
/// <param name="Accuracy">The task's accuracy on the test images at the end, with its interval; on a random model over fresh draws.</param>
/// <param name="Queries">The passes through the model.</param>
public sealed record ReprogrammingResult(IReadOnlyList<EpochResult> Epochs, Proportion Accuracy, Queries Queries);
