using Defenses.Benchmarks.Measuring;
using Spectre.Console;

namespace Defenses.Benchmarks.Commands;

/// <summary>What was asked for on the command line.</summary>
internal sealed record TableSettings(string Filter, int Rounds, int Threads, string? Data, string? Out, bool Check)
{
    /// <summary>Prints a report, puts it into the page that was asked for, and gives the exit code.</summary>
    public int Tell(Report report)
    {
        report.Print(AnsiConsole.Console);
        if (Out is not null)
        {
            ResultsPage.Put(Out, report);
            AnsiConsole.MarkupLineInterpolated($"Written to {Out}.");
        }

        return Check && report.Rows.Any(row => row.MissesBar) ? 1 : 0;
    }
}
