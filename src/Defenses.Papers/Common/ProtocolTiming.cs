namespace Defenses.Papers;

/// <summary>When, where and how long a protocol ran.</summary>
/// <param name="Finished">When it ended, UTC.</param>
/// <param name="Seconds">Of all steps, in whichever run they were done.</param>
/// <param name="Machine">Processors, threads, operating system, runtime.</param>
/// <param name="Steps">Seconds of each step.</param>
public sealed record ProtocolTiming(DateTimeOffset Finished, double Seconds, string Machine, IReadOnlyDictionary<string, double> Steps);
