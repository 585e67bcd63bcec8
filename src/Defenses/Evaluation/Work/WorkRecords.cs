using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Work;

/// <summary>A block of images without an attack: the number of draws in which each was recognized and, on separate draws, not recognized.</summary>
internal sealed record CleanRecord(int[] Correct, int[] Unprovoked, double Seconds);

/// <summary>A block of images under one attack from one view. The adversarial images are stored until the worst attack of the block is known.
/// NotAttempted: the numbers, in the block, of the images that the attack could not attempt. Passes: forward and backward passes of each image, where they
/// are known.</summary>
internal sealed record CellRecord(int[] Correct, int[] Met, int Outside, long Forward, long Backward, double Seconds, byte[]? Adversarial,
    long[]? NotAttempted = null, long[]? Passes = null);

/// <summary>A block of images under all attacks at one strength; cells by number, without repeated ones.</summary>
internal sealed record AttackRecord(
    IReadOnlyDictionary<int, CellRecord> Cells, int[] Chosen, int[] Correct, int[] Met, double Seconds, ExampleImage? Example);

/// <summary>The findings of probing a defense, and the result of each check.</summary>
internal sealed record CheckRecord(IReadOnlyList<Finding> Findings, IReadOnlyList<CheckResult> Checks, double Seconds);

/// <summary>All results of a block of images: by defense, and by defense and strength.</summary>
internal sealed record BlockRecord(CleanRecord[] Clean, AttackRecord[][] Attacked);
