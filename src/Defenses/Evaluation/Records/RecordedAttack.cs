using System.Text.Json.Serialization;

namespace Defenses.Evaluation;

/// <summary>An attack of a record at one budget, with its adversarial images and what the judge counted.</summary>
public sealed record RecordedAttack
{
    /// <summary>The name of the attack.</summary>
    public required string Attack { get; init; }

    /// <summary>The attacker's view.</summary>
    public required string View { get; init; }

    /// <summary>The budget ε.</summary>
    public required double Epsilon { get; init; }

    /// <summary>All options, as text.</summary>
    public required string Options { get; init; }

    /// <summary>The file of the adversarial images, in the folder of the record.</summary>
    public required string File { get; init; }

    /// <summary>The counts under the attack.</summary>
    public required RecordedCounts Counts { get; init; }

    /// <summary>Images that broke the budget or the bounds, and were replaced by their originals.</summary>
    public long OutsideBudget { get; init; }

    /// <summary>Forward passes of the attack, all images together; null where they were not counted.</summary>
    public long? ForwardPasses { get; init; }

    /// <summary>Backward passes of the attack, all images together; null where they were not counted.</summary>
    public long? BackwardPasses { get; init; }

    /// <summary>Who submitted the images; null for an attack of the evaluation itself.</summary>
    public string? SubmittedBy { get; init; }

    /// <summary>"PGD, EOT 10".</summary>
    [JsonIgnore]
    public string FullName => View is "plain" or "" ? Attack : $"{Attack}, {View}";
}

/// <summary>The worst attack of each image at one budget, judged again on draws that did not choose it.</summary>
public sealed record RecordedWorst
{
    /// <summary>The budget ε.</summary>
    public required double Epsilon { get; init; }

    /// <summary>For each image the number of the chosen attack, among those of this budget in the order of the record.</summary>
    [JsonConverter(typeof(CountsConverter))]
    public required IReadOnlyList<int> Chosen { get; init; }

    /// <summary>The counts under the chosen attacks.</summary>
    public required RecordedCounts Counts { get; init; }
}

/// <summary>When and on what a record was made.</summary>
/// <param name="Made">When it was made, UTC.</param>
/// <param name="Machine">Processors, operating system, runtime and torch.</param>
public sealed record RecordTiming(DateTimeOffset Made, string Machine);
