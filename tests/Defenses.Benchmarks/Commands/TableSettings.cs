namespace Defenses.Benchmarks.Commands;

/// <summary>What was asked for on the command line.</summary>
internal sealed record TableSettings(string Filter, int Rounds, int Threads, string? Data, string? Out, bool Check);
