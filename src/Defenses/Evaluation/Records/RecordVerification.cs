using Defenses.Evaluation.Reporting;
using Defenses.Statistics;

namespace Defenses.Evaluation;

/// <summary>What came of judging a record again.</summary>
public sealed record RecordVerification
{
    /// <summary>The schema that this version writes.</summary>
    public const string CurrentSchema = "defenses.verification/1";

    /// <summary>The schema.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The name of the record's model.</summary>
    public required string Name { get; init; }

    /// <summary>The record: the SHA-256 of its manifest; null without a manifest.</summary>
    public string? Id { get; init; }

    /// <summary>Whether the record is reproduced: there is no difference.</summary>
    public bool IsReproduced => Differences.Count == 0;

    /// <summary>Whether this machine computes the same bits as the record. Then counts must be equal; otherwise rates must lie in the intervals.</summary>
    public required bool HasSameArithmetic { get; init; }

    /// <summary>The number of judged cases (clean, null, each attack, each worst case) whose counts are equal for all images.</summary>
    public required int EqualCases { get; init; }

    /// <summary>The number of judged cases.</summary>
    public required int Cases { get; init; }

    /// <summary>What does not agree with the record; empty where it is reproduced.</summary>
    public required IReadOnlyList<RecordDifference> Differences { get; init; }

    /// <summary>Each rate, recorded and found.</summary>
    public required IReadOnlyList<RecordRate> Rates { get; init; }

    /// <summary>The verification as JSON.</summary>
    public string ToJson() => VersionedJson.Write(this);
}

/// <summary>Something in which a record is not reproduced.</summary>
/// <param name="Kind">Files, model, images, budget, choice, counts, rate, fresh draws or null attack.</param>
/// <param name="Text">What was recorded and what was found, in a sentence.</param>
public sealed record RecordDifference(string Kind, string Text);

/// <summary>A rate of right answers, recorded and found.</summary>
/// <param name="Case">What was judged: "PGD at ε = 0.1".</param>
/// <param name="Rate">One answer, majority, or all K.</param>
/// <param name="Recorded">The record's rate with its interval.</param>
/// <param name="Found">The rate with the draws of the record, judged again.</param>
/// <param name="Fresh">The rate with draws that nobody knew before; null for a deterministic model, and for rates that are not compared.</param>
public sealed record RecordRate(string Case, string Rate, Proportion Recorded, double Found, double? Fresh);
