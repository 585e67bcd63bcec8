using System.Text.Json.Nodes;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Models;

namespace Defenses.Tests.Evaluation;

/// <summary>The records of the small evaluation: of a deterministic model, "none", and of a random one, "jitter".</summary>
internal sealed class RecordedGrid : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal RecordedGrid(int draws = 5, string? work = null)
    {
        Report = new RobustnessEvaluation(Grid.Defenses, Grid.Attacks, [0.06, 0.22])
        {
            Draws = draws, Seed = 1, BlockSize = 5, Title = "Levels", RecordFolder = Folder,
        }.Run(Grid.Examples, work);
    }

    internal Grid Grid { get; } = new();

    internal EvaluationReport Report { get; }

    internal string Folder => Path.Combine(_folder.Path, "records");

    internal string None => Path.Combine(Folder, "none");

    internal string Jitter => Path.Combine(Folder, "jitter");

    internal ModelView ModelOf(string folder) => Grid.Defenses[folder == None ? 0 : 1].Model;

    internal RecordVerification Verify(string folder) => EvaluationRecord.Open(folder).Verify(ModelOf(folder), seed: 7);

    /// <summary>Changes record.json, and makes the manifest fit again, as a forger would.</summary>
    internal static void Forge(string folder, Action<JsonNode> change)
    {
        var path = Path.Combine(folder, "record.json");
        var record = JsonNode.Parse(File.ReadAllText(path))!;
        change(record);
        File.WriteAllText(path, record.ToJsonString(VersionedJson.Options));
        RecordManifest.Write(folder);
    }

    public void Dispose()
    {
        Grid.Dispose();
        _folder.Dispose();
    }
}
