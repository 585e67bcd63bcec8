namespace Defenses.Evaluation.Reporting;

/// <summary>Times and the machine, which differ from run to run. Comparisons of reports ignore them.</summary>
public sealed record ReportTiming
{
    /// <summary>When the report was made, UTC.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>Wall time of all the work behind it, over all runs, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor count, operating system, runtime and torch.</summary>
    public required string Machine { get; init; }

    /// <summary>The cost of each defense per prediction.</summary>
    public required IReadOnlyList<ForwardCost> Forward { get; init; }

    /// <summary>The cost of each attack.</summary>
    public required IReadOnlyList<AttackCost> Attacks { get; init; }
}

/// <summary>The time of a defense for a prediction.</summary>
/// <param name="Defense">The defense.</param>
/// <param name="MillisecondsPerImage">Wall time of a forward pass, per image of a batch.</param>
/// <param name="Ratio">The same as a multiple of the first defense's, measured in turns with it.</param>
public sealed record ForwardCost(string Defense, double MillisecondsPerImage, double Ratio);

/// <summary>The time of an attack.</summary>
/// <param name="Defense">The defense attacked.</param>
/// <param name="Attack">The attack.</param>
/// <param name="View">The view.</param>
/// <param name="SecondsPerImage">Wall time per image and strength, judging included.</param>
public sealed record AttackCost(string Defense, string Attack, string View, double SecondsPerImage);
