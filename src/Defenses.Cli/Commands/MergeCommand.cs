using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>merge</c>.</summary>
internal static class MergeCommand
{
    private static readonly Argument<string[]> Folders = new("folder")
    {
        Description = "The folders that the shards were run into with --out: one that they shared, or one for each.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Data = CommonOptions.Data();
    private static readonly Option<int> Threads = CommonOptions.Threads();

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Folder for the report. Default: the first of the folders.",
        HelpName = "folder",
    };

    internal static Command Create()
    {
        var command = new Command("merge",
            "Put the parts together that were run with 'run --shard': the report equals that of one run, but for its times.") { Folders, Data, Out, Threads };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation,
            stop => Merge(parsed.GetValue(Folders)!, parsed.GetValue(Out), parsed.GetValue(Data), parsed.GetValue(Threads), stop),
                parsed.GetValue(Out) ?? parsed.GetValue(Folders)![0]));
        return command;
    }

    private static Task Merge(IReadOnlyList<string> paths, string? into, string? data, int threads, CancellationToken stop)
    {
        var found = paths.Select(RunFolder.Existing).ToArray();
        for (var i = 1; i < found.Length; i++)
            if (found[i].Identity != found[0].Identity)
                throw new UserError($"{paths[i]} holds a run of other settings than {paths[0]}: {found[i].Identity.ReplaceLineEndings(" ")} against "
                    + $"{found[0].Identity.ReplaceLineEndings(" ")}.");
        if (found.All(one => one.Folder.Shards.Count == 0)) throw new UserError(
            $"{string.Join(", ", paths)}: no work of shards there. Run the parts with 'run --shard i/n' first.");
        var settings = Settings(found[0].Identity, paths[0], into ?? paths[0], data, threads);
        return new DefenseRun(settings, stop).Merge([.. found.Select(one => one.Folder)]);
    }

    private static RunSettings Settings(string identity, string from, string into, string? data, int threads)
    {
        try
        {
            if (JsonSerializer.Deserialize<Begun>(identity, Json.Readable) is { } begun && ulong.TryParse(begun.Seed, CultureInfo.InvariantCulture,
                out var seed))
                return new RunSettings(begun.DataSet, data, false, begun.Preset, seed, into, true, false, begun.Defenses, threads)
                    { Images = begun.Images, Choices = begun.Choices ?? new() };
        }
        catch (JsonException) { }   // told below
        throw new UserError($"{from} holds no run of the main job, so it has no shards to merge.");
    }

    // What a run of the main job writes down when it begins.
    private sealed record Begun(string DataSet, string Preset, string Seed, IReadOnlyList<string> Defenses, int? Images = null,
        RunChoices? Choices = null);
}
