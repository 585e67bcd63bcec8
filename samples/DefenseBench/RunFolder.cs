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

    /// <summary>Opens a new folder, or one whose run is to be continued.</summary>
    /// <exception cref="UserError">The folder holds another run, or none to continue, or cannot be written to.</exception>
    internal static RunFolder Open(RunSettings settings, string dataSet)
    {
        var folder = new RunFolder(settings.Out);
        var identity = JsonSerializer.Serialize(
            settings.Protocol is null
                ? new { dataSet, settings.Preset, Seed = settings.Seed.ToString(), Defenses = settings.Only }
                : (object)new { settings.Protocol, dataSet, settings.Preset, Seed = settings.Seed.ToString() },
            new JsonSerializerOptions { WriteIndented = true });
        var file = Path.Combine(settings.Out, "work", SettingsFile);
        try
        {
            if (File.Exists(file)) folder.Continue(settings, file, identity);
            else folder.Begin(settings, file, identity);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--out cannot be written to: {settings.Out} ({error.Message}). Choose another folder.");
        }
        return folder;
    }

    private void Begin(RunSettings settings, string file, string identity)
    {
        if (settings.Resume)
            throw new UserError($"--resume found no run in {settings.Out}. Leave it out to start one, or give the folder of the run with --out.");
        Directory.CreateDirectory(Networks);
        WholeFile.Write(file, identity);
    }

    private void Continue(RunSettings settings, string file, string identity)
    {
        var same = File.ReadAllText(file) == identity;
        if (settings.Overwrite)
        {
            Directory.Delete(Path.Combine(_folder, "work"), recursive: true);
            Begin(settings with { Resume = false }, file, identity);
        }
        else if (!settings.Resume)
            throw new UserError($"{settings.Out} already holds a run. Go on with it by --resume, start it anew by --overwrite, or choose another folder by --out.");
        else if (!same)
            throw new UserError($"The run in {settings.Out} has other settings ({File.ReadAllText(file).ReplaceLineEndings(" ")}). Resume with those, or choose another folder by --out.");
    }
}
