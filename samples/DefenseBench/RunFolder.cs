using System.Text.Json;

namespace DefenseBench;

/// <summary>The folder of a run: the report, and below "work" what is needed to go on after a stop.</summary>
internal sealed class RunFolder
{
    private const string SettingsFile = "run.json";
    private readonly string _folder;

    private RunFolder(string folder) => _folder = folder;

    internal string Report => _folder;

    internal string Networks => Path.Combine(_folder, "work", "networks");

    internal string Evaluation => Path.Combine(_folder, "work", "evaluation");

    /// <summary>The folder for a protocol's finished work.</summary>
    internal string Protocol(string name) => Path.Combine(_folder, "work", name);

    /// <summary>Opens the folder of the main job or of a protocol.</summary>
    /// <exception cref="UserError">The folder holds another run, or none to continue, or cannot be written to.</exception>
    internal static RunFolder Open(RunSettings settings, string dataSet) => Open(
        settings.Out,
        settings.Protocol is null
            ? new { dataSet, settings.Preset, Seed = settings.Seed.ToString(), Defenses = settings.Only }
            : new { settings.Protocol, dataSet, settings.Preset, Seed = settings.Seed.ToString() },
        settings.Resume, settings.Overwrite);

    /// <summary>Opens a new folder, or one whose run is to be continued.</summary>
    /// <param name="identity">What a run must have in common with the one that it goes on with.</param>
    /// <exception cref="UserError">The folder holds another run, or none to continue, or cannot be written to.</exception>
    internal static RunFolder Open(string path, object identity, bool resume, bool overwrite)
    {
        var folder = new RunFolder(path);
        var text = JsonSerializer.Serialize(identity, new JsonSerializerOptions { WriteIndented = true });
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

    private string Settings => Path.Combine(_folder, "work", SettingsFile);

    private void Begin(string identity, bool resume)
    {
        if (resume) throw new UserError($"--resume found no run in {_folder}. Leave it out to start one, or give the folder of the run with --out.");
        Directory.CreateDirectory(Networks);
        WholeFile.Write(Settings, identity);
    }

    private void Continue(string identity, bool resume, bool overwrite)
    {
        var begun = File.ReadAllText(Settings);
        if (overwrite)
        {
            Directory.Delete(Path.Combine(_folder, "work"), recursive: true);
            Begin(identity, resume: false);
        }
        else if (!resume)
            throw new UserError($"{_folder} already holds a run. Go on with it by --resume, start it anew by --overwrite, or choose another folder by --out.");
        else if (begun != identity)
            throw new UserError($"The run in {_folder} has other settings ({begun.ReplaceLineEndings(" ")}). Resume with those, or choose another folder by --out.");
    }
}
