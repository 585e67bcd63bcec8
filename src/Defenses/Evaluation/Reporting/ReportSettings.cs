using System.Text.Json.Serialization;

namespace Defenses.Evaluation.Reporting;

/// <summary>How the numbers of a report were measured.</summary>
public sealed record ReportSettings
{
    /// <summary>What the images are, such as "MNIST test".</summary>
    public string? Dataset { get; init; }

    /// <summary>The number of images.</summary>
    public required long Images { get; init; }

    /// <summary>K, the judge's fresh draws of each image and attack.</summary>
    public required int Draws { get; init; }

    /// <summary>The confidence of all intervals.</summary>
    public required double Confidence { get; init; }

    /// <summary>η of the defense efficiency score.</summary>
    public required double Eta { get; init; }

    /// <summary>The norm in which the budget is measured.</summary>
    public required string Norm { get; init; }

    /// <summary>The smallest valid input value.</summary>
    public required double Lower { get; init; }

    /// <summary>The largest valid input value.</summary>
    public required double Upper { get; init; }

    /// <summary>The budgets ε in ascending order, in the units of the input.</summary>
    public required IReadOnlyList<double> Strengths { get; init; }

    /// <summary>The budget that headlines and first table speak of.</summary>
    public required double Headline { get; init; }

    /// <summary>The seed of everything random.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong Seed { get; init; }

    /// <summary>Images attacked together; a part of the settings, because attacks draw for a block at a time.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Images judged together.</summary>
    public required int JudgeBlockSize { get; init; }

    /// <summary>The attacks.</summary>
    public required IReadOnlyList<AttackSettings> Attacks { get; init; }

    /// <summary>The checks that probed each defense, by type.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>The version of the library.</summary>
    public required string Library { get; init; }

    /// <summary>The command that measures the same again, if known.</summary>
    public string? Command { get; init; }
}
