using System.Diagnostics;

namespace Defenses.Benchmarks.Measuring;

/// <summary>
/// Times rows in rounds, each row between two runs of its reference, so that a machine that slows down slows both alike. Absolute times
/// are worth little on a shared machine; ratios of neighbours hold.
/// </summary>
internal static class Interleaved
{
    // Short work repeats until a timing lasts this long.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.3);

    public static IReadOnlyList<Measurement> Measure(IReadOnlyList<Row> rows, int rounds, Action<string, int> began)
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

    private static double Ratio(Row row)
    {
        var before = SecondsPerUnit(row.Reference);
        var middle = SecondsPerUnit(row.Work);
        var after = SecondsPerUnit(row.Reference);
        return middle / ((before + after) / 2);
    }

    private static double SecondsPerUnit(Work work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var runs = 0;
        var watch = Stopwatch.StartNew();
        do
        {
            work.Run();
            runs++;
        }
        while (watch.Elapsed < Shortest);
        return watch.Elapsed.TotalSeconds / (runs * work.Units);
    }
}
