using System.Text.Json.Serialization;
using Defenses.Evaluation.Checks;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>One defense: what it costs without an attack, and what attacks achieve.</summary>
public sealed record DefenseResult
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>Which defenses it is a strength of, such as "dropout".</summary>
    public string? Family { get; init; }

    /// <summary>The cost of a prediction as a multiple of the first defense's, where it was given.</summary>
    public double? Cost { get; init; }

    /// <summary>Whether it answers at random.</summary>
    public required bool IsRandom { get; init; }

    /// <summary>Its stochastic layers, "path: type".</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>How often the label is recognised without an attack.</summary>
    public required DrawRates Accuracy { get; init; }

    /// <summary>Accuracy of the first defense minus this one's, paired over images; null for the first.</summary>
    public Estimate? AccuracyLoss { get; init; }

    /// <summary>How many images it recognises by majority: those that attack success is measured on.</summary>
    [JsonPropertyName("recognised")]   // the name in reports that are written already
    public required long Recognized { get; init; }

    /// <summary>
    /// What an attack that does nothing would achieve on the recognised images, by fresh draws: errors that are the defense's own. Null if it
    /// recognises none.
    /// </summary>
    public DrawRates? Unprovoked { get; init; }

    /// <summary>How each check that probes models ended on this one; empty where it was not probed.</summary>
    public IReadOnlyList<CheckResult> Checks { get; init; } = [];

    /// <summary>What attacks achieve, by strength in ascending order.</summary>
    public required IReadOnlyList<StrengthResult> Strengths { get; init; }
}
