namespace Defenses.Benchmarks.Measuring;

/// <summary>Something to time, and how many units (images, passes) one run of it works through.</summary>
/// <param name="Run">What is timed.</param>
/// <param name="Units">Units in one run.</param>
/// <param name="Clock">The processor time of whoever does the work; by default of this process.</param>
internal sealed record Work(Action Run, double Units, Func<TimeSpan>? Clock = null);
