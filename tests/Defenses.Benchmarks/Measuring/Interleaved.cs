using System.Diagnostics;

namespace Defenses.Benchmarks.Measuring;

/// <summary>
/// Times rows in rounds, each row between two runs of its reference, so that a machine that slows down slows both alike. Absolute times
/// are worth little on a shared machine; ratios of neighbours hold. With one thread the time is the processor's, which does not run while
/// others have the core; with more it is the wall's.
/// </summary>
internal sealed class Interleaved(int threads)
{
    // Short work repeats until a timing lasts this long.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.3);

    public IReadOnlyList<Measurement> Measure(IReadOnlyList<Row> rows, int rounds, Action<string, int> began)
    {
        foreach (var work in rows.SelectMany(row => new[] { row.Reference, row.Work }).Distinct())
        {
            work.Run();   // compiles, allocates, fills the caches
        }

        var ratios = rows.Select(_ => new double[rounds]).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                began(rows[row].Name, round);
                ratios[row][round] = Ratio(rows[row]);
            }
        }

        return [.. rows.Zip(ratios, (row, found) => new Measurement(row.Name, found, row.Bar, row.Note?.Invoke() ?? ""))];
    }

    private double Ratio(Row row)
    {
        var before = SecondsPerUnit(row.Reference);
        var middle = SecondsPerUnit(row.Work);
        var after = SecondsPerUnit(row.Reference);
        return middle / ((before + after) / 2);
    }

    private double SecondsPerUnit(Work work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var runs = 0;
        var start = Now(work);
        do
        {
            work.Run();
            runs++;
        }
        while (Now(work) - start < Shortest);
        return (Now(work) - start).TotalSeconds / (runs * work.Units);
    }

    private TimeSpan Now(Work work) => threads == 1
        ? work.Clock?.Invoke() ?? Environment.CpuUsage.TotalTime
        : TimeSpan.FromSeconds((double)Stopwatch.GetTimestamp() / Stopwatch.Frequency);
}
