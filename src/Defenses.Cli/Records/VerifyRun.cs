using Defenses.Evaluation;
using Defenses.Papers;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary>Judges records again, each with the model that it holds, and names what differs.</summary>
internal sealed class VerifyRun(string folder, ulong? seed, string? into, CancellationToken cancellation)
{
    /// <summary>Exit code of records that are not all reproduced.</summary>
    internal const int Different = 2;

    private readonly Display _display = new(AnsiConsole.Console);

    /// <summary>Gives the exit code.</summary>
    internal int Execute()
    {
        var found = Judge();
        if (into is not null) AtomicFile.WriteAll(into, ("verification.json", Json.Text(new
        {
            schema = "defenses.verifications/1", records = found,
        })));
        return found.All(each => each.IsReproduced) ? 0 : Different;
    }

    /// <summary>Judges all records, and shows what came of it.</summary>
    internal IReadOnlyList<RecordVerification> Judge()
    {
        var folders = EvaluationRecord.FoldersIn(folder);
        if (folders.Count == 0) throw new UserError($"{folder} holds no record. Make one with 'evaluate --record', 'run --record' or 'benchmark'.");
        var found = folders.Select(path => (Path: Path.GetRelativePath(folder, path), Verification: Verify(path))).ToArray();
        Show(found);
        return [.. found.Select(each => each.Verification)];
    }

    // A record that cannot be read or whose model cannot be made is not reproduced, and the others are judged nevertheless.
    private RecordVerification Verify(string path)
    {
        cancellation.ThrowIfCancellationRequested();
        EvaluationRecord record;
        try { record = EvaluationRecord.Open(path); }
        catch (InvalidDataException error) { return Failed(Path.GetFileName(path), null, [new RecordDifference("files", error.Message)]); }
        try
        {
            using var model = RebuiltModel.Open(record);
            return _display.Share(record.Name, 1, done =>
                record.Verify(model.View, seed, new SynchronousProgress<double>(done), cancellation));
        }
        catch (Exception error) when (error is UserError or InvalidDataException or FileNotFoundException)
        {
            return Failed(record.Name, record.Id, [.. record.CompareFiles(), new RecordDifference("model", error.Message)]);
        }
    }

    private static RecordVerification Failed(string name, string? id, IReadOnlyList<RecordDifference> differences) =>
        new() { Name = name, Id = id, HasSameArithmetic = false, EqualCases = 0, Cases = 0, Differences = differences, Rates = [] };

    private void Show(IReadOnlyList<(string Path, RecordVerification Verification)> found)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in new[] { "record", "model", "reproduced", "equal counts", "arithmetic" }) table.AddColumn(column);
        foreach (var (path, verification) in found)
            table.AddRow(Markup.Escape(path), Markup.Escape(verification.Name), verification.IsReproduced ? "yes" : "[red]no[/]",
                $"{verification.EqualCases} of {verification.Cases}", verification.HasSameArithmetic ? "the same bits" : "other bits");
        AnsiConsole.Write(table);
        foreach (var (path, verification) in found)
            foreach (var difference in verification.Differences) _display.Say($"[red]{path}[/]: {difference.Text}");
        _display.Say($"[bold]{found.Count(each => each.Verification.IsReproduced)} of {found.Count}[/] records are reproduced.");
    }
}
