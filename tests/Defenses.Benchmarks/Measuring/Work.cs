namespace Defenses.Benchmarks.Measuring;

/// <summary>Something to time, and how many units (images, passes) one run of it works through.</summary>
internal sealed record Work(Action Run, double Units);
