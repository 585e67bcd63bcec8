namespace Defenses.Benchmarks.Measuring;

/// <summary>One line of a table: the time per unit of some work, divided by that of a reference timed right beside it.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Work">What is timed.</param>
/// <param name="Reference">What it is compared with; rows of one table may share it.</param>
/// <param name="Bar">The ratio that must not be exceeded, where there is one.</param>
/// <param name="Note">More to say of the row, asked for after its rounds: a success rate, the best of other libraries.</param>
internal sealed record Row(string Name, Work Work, Work Reference, double? Bar = null, Func<string>? Note = null);
