using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Work;

/// <summary>A block of images without an attack: in how many draws each was recognised, and, on draws of their own, missed.</summary>
internal sealed record CleanPiece(int[] Correct, int[] Unprovoked, double Seconds);

/// <summary>A block of images under one attack from one view. The adversarial images are kept until the worst attack of the block is known.</summary>
internal sealed record CellPiece(int[] Correct, int[] Met, int Outside, long Forward, long Backward, double Seconds, byte[]? Adversarial);

/// <summary>A block of images under all attacks at one strength; cells by number, without those that repeat another.</summary>
internal sealed record AttackPiece(
    IReadOnlyDictionary<int, CellPiece> Cells, int[] Chosen, int[] Correct, int[] Met, double Seconds, ExampleImage? Example);

/// <summary>What probing a defense found, and how each check ended.</summary>
internal sealed record CheckPiece(IReadOnlyList<Finding> Findings, IReadOnlyList<CheckResult> Checks, double Seconds);

/// <summary>All there is to know about a block of images: by defense, and by defense and strength.</summary>
internal sealed record BlockPiece(CleanPiece[] Clean, AttackPiece[][] Attacked);
