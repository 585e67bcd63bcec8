using System.Text.Json;
using System.Text.Json.Nodes;
using Defenses.Evaluation;

namespace Defenses.Papers;

/// <summary>The folder of a run: the report, and below "work" what is needed to go on after a stop.</summary>
public sealed class RunFolder
{
    private const string SettingsFile = "run.json", Library = "Library";
    private static readonly string ShardFolder = Path.Combine("work", "shards");
    private readonly string _folder;

    private RunFolder(string folder) => _folder = folder;

    public string Report => _folder;

    public string Networks => Path.Combine(_folder, "work", "networks");

    public string Evaluation => Path.Combine(_folder, "work", "evaluation");

    /// <summary>The folder for a shard's finished work.</summary>
    public string ShardOf(Shard shard) => Path.Combine(_folder, ShardFolder, $"{shard.Index}-of-{shard.Count}");

    /// <summary>The folders with the work of shards that were run into this one.</summary>
    public IReadOnlyList<string> Shards =>
        Directory.Exists(Path.Combine(_folder, ShardFolder))
            ? [.. Directory.EnumerateDirectories(Path.Combine(_folder, ShardFolder)).Order(StringComparer.Ordinal)] : [];

    /// <summary>Whether the folder holds a run that --resume goes on with.</summary>
    public static bool IsBegun(string path) => File.Exists(new RunFolder(path).Settings);

    /// <summary>What the run in the folder was begun with.</summary>
    /// <exception cref="UserError">The folder holds no run.</exception>
    public static (RunFolder Folder, string Identity) Existing(string path)
    {
        var folder = new RunFolder(path);
        return File.Exists(folder.Settings) ? (folder, File.ReadAllText(folder.Settings))
            : throw new UserError($"{path} holds no run. Give a folder that shards were run into with --out.");
    }

    /// <summary>Waits until no other process prepares networks in the folder, and keeps others waiting until the result is disposed.</summary>
    /// <exception cref="UserError">The folder cannot be written to.</exception>
    public static async Task<IDisposable> Alone(string path, CancellationToken cancellation)
    {
        var work = Path.Combine(path, "work");
        try { Directory.CreateDirectory(work); }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--out cannot be written to: {path} ({error.Message}). Choose another folder.");
        }
        while (true)
        {
            try { return new FileStream(Path.Combine(work, "prepare.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
            catch (IOException) { await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation); }
        }
    }

    /// <summary>The folder for a protocol's finished work.</summary>
    public string Protocol(string name) => Path.Combine(_folder, "work", name);

    /// <summary>Opens the folder of the main job or of a protocol.</summary>
    /// <exception cref="UserError">The folder holds another run, or none to continue, or cannot be written to.</exception>
    public static RunFolder Open(RunSettings settings, string dataSet)
    {
        var identity = JsonSerializer.SerializeToNode<object>(settings.Protocol is null
            ? new { dataSet, settings.Preset, Seed = settings.Seed.ToString(), Defenses = settings.Only }
            : new { settings.Protocol, dataSet, settings.Preset, Seed = settings.Seed.ToString() })!.AsObject();
        if (settings.Images is { } images) identity["Images"] = images;
        if (settings.Choices.Named.Count > 0) identity["Choices"] = JsonSerializer.SerializeToNode(settings.Choices);
        return Open(settings.Out, identity, settings.Shard is null ? settings.Resume : null, settings.Overwrite);
    }

    /// <summary>Opens a new folder, or one whose run is to be continued.</summary>
    /// <param name="identity">What a run must have in common with the one that it goes on with.</param>
    /// <param name="resume">Whether there must be one to continue (true) or must be none (false); null: either.</param>
    /// <exception cref="UserError">The folder holds another run, or none to continue, or cannot be written to.</exception>
    public static RunFolder Open(string path, object identity, bool? resume, bool overwrite)
    {
        if (resume == true && overwrite) throw new UserError("--resume goes on with a run, --overwrite throws it away: give one of them.");
        var folder = new RunFolder(path);
        var begun = JsonSerializer.SerializeToNode(identity)!.AsObject();
        begun[Library] = AssemblyVersion.Library;   // finished steps of another version may mean something else
        var text = begun.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
        try
        {
            if (File.Exists(folder.Settings)) folder.Continue(text, resume, overwrite);
            else folder.Begin(text, resume);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--out cannot be written to: {path} ({error.Message}). Choose another folder.");
        }
        return folder;
    }

    // Null where the file is damaged or older than this entry.
    private static string? VersionOf(string begun)
    {
        try { return (string?)JsonNode.Parse(begun)?[Library]; }
        catch (Exception error) when (error is JsonException or InvalidOperationException) { return null; }
    }

    private string Settings => Path.Combine(_folder, "work", SettingsFile);

    private void Begin(string identity, bool? resume)
    {
        if (resume == true) throw new UserError($"--resume found no run in {_folder}. Leave it out to start one, or give the folder of the run with --out.");
        Directory.CreateDirectory(Networks);
        AtomicFile.Write(Settings, identity);
    }

    private void Continue(string identity, bool? resume, bool overwrite)
    {
        var begun = File.ReadAllText(Settings);
        if (overwrite)
        {
            Directory.Delete(Path.Combine(_folder, "work"), recursive: true);
            Begin(identity, resume: false);
        }
        else if (resume == false)
            throw new UserError($"{_folder} already holds a run. Go on with it by --resume, start it anew by --overwrite, or choose another folder by --out.");
        else if (VersionOf(begun) is var version && version != AssemblyVersion.Library)
            throw new UserError($"The run in {_folder} was begun with version {version ?? "?"} of Defenses; this is {AssemblyVersion.Library}. Go on with "
                + "that version, start anew by --overwrite, or choose another folder by --out.");
        else if (begun != identity)
            throw new UserError($"The run in {_folder} has other settings ({begun.ReplaceLineEndings(" ")}) than those asked for "
                + $"({identity.ReplaceLineEndings(" ")}). Resume with its own, or choose another folder by --out.");
    }
}
