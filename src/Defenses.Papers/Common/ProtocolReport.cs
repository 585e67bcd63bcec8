
using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>What a protocol found: the page, and what it was measured with.</summary>
public sealed record ProtocolReport
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const string CurrentSchema = "defense-bench.protocol/1";

    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The protocol's name.</summary>
    public required string Protocol { get; init; }

    /// <summary>The paper that it reproduces.</summary>
    public required string Paper { get; init; }

    /// <summary>smoke, quick, long or paper.</summary>
    public required string Preset { get; init; }

    /// <summary>The data set as an option.</summary>
    public required string DataSet { get; init; }

    /// <summary>The seed, as text: 64 bits.</summary>
    public required string Seed { get; init; }

    /// <summary>The command that measures the same again.</summary>
    public required string Command { get; init; }

    /// <summary>The version of the library.</summary>
    public required string Library { get; init; }

    /// <summary>Sections with tables and figures, findings, and how it was measured.</summary>
    public required Page Page { get; init; }

    /// <summary>What differs from run to run: leave it out of comparisons.</summary>
    public ProtocolTiming? Timing { get; init; }
}
