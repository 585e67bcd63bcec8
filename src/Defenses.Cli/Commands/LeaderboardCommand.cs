using System.CommandLine;
using Defenses.Evaluation;
using Defenses.Papers;
using Spectre.Console;
using TorchSharp;

namespace Defenses.Cli;

/// <summary><c>leaderboard</c>: a static site of records.</summary>
internal static class LeaderboardCommand
{
    private static readonly Argument<string> Folder = new("records") { Description = "The folder of the records." };
    private static readonly Option<string> Out = CommonOptions.Out("leaderboard");
    private static readonly Option<int> Threads = CommonOptions.Threads();

    private static readonly Option<bool> Verify = new("--verify")
    {
        Description = "Judge every record again, and say on the pages which are reproduced. Exit code 2 where one is not.",
    };

    internal static Command Create()
    {
        var command = new Command("leaderboard", "Write a static site of records: a table that sorts, and a page for each record.")
        {
            Folder, Verify, Out, Threads,
        };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, (_, stop) =>
        {
            var threads = parsed.GetValue(Threads);
            torch.set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
            return Task.FromResult(Write(parsed.GetValue(Folder)!, parsed.GetValue(Out)!, parsed.GetValue(Verify), stop));
        }));
        return command;
    }

    /// <summary>Writes the site, and gives the exit code.</summary>
    internal static int Write(string folder, string into, bool verify, CancellationToken stop)
    {
        var folders = EvaluationRecord.FoldersIn(folder);
        if (folders.Count == 0) throw new UserError($"{folder} holds no record. Make one with 'evaluate --record', 'run --record' or 'benchmark'.");
        var records = folders.Select(path => PathOption.Read("records", path, () => EvaluationRecord.Open(path))).ToArray();
        var found = verify ? new VerifyRun(folder, null, null, stop).Judge() : [];
        Leaderboard.Write(records, into, found.Where(each => each.Id is not null).DistinctBy(each => each.Id).ToDictionary(each => each.Id!));
        AnsiConsole.MarkupLineInterpolated($"{records.Length} records: [link]{Path.GetFullPath(Path.Combine(into, "index.html"))}[/]");
        return found.All(each => each.IsReproduced) ? 0 : VerifyRun.Different;
    }
}
