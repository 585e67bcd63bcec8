namespace Defenses.Evaluation.Reporting;

/// <summary>What differs from run to run: times and the machine. Comparisons of reports leave it out.</summary>
public sealed record ReportTiming
{
    /// <summary>When the report was made, UTC.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>Wall time of all the work behind it, over all runs, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor count, operating system, runtime and torch.</summary>
    public required string Machine { get; init; }

    /// <summary>What each defense costs per prediction.</summary>
    public required IReadOnlyList<ForwardCost> Forward { get; init; }

    /// <summary>What each attack cost.</summary>
    public required IReadOnlyList<AttackCost> Attacks { get; init; }
}
