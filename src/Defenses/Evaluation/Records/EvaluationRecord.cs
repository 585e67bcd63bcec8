using System.Text.Json.Serialization;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>
/// One model under attacks, in a folder that another machine can judge again: record.json with plan, model and counts, the images and adversarial images
/// as .npy files, the files of the model, and manifest.json with a hash of each file.
/// </summary>
/// <remarks>
/// Made by an evaluation with <see cref="EvaluationGrid.RecordFolder"/>. No rate is stored: rates follow from the counts, so that none can contradict them.
/// docs/evaluation.md describes the format.
/// </remarks>
public sealed record EvaluationRecord
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const string CurrentSchema = "defenses.record/1";

    internal const string FileName = "record.json", ImagesFile = "images.npy", LabelsFile = "labels.npy";

    /// <summary>The schema of the record.</summary>
    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>A description of the model in one sentence.</summary>
    public string? Description { get; init; }

    /// <summary>The SHA-256 of the images and labels: of their numbers, in the order of the record.</summary>
    public required string Images { get; init; }

    /// <summary>The names of the classes; empty where they are numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>The plan: data set, draws, budgets, norm, seed, attacks with all options.</summary>
    public required ReportSettings Settings { get; init; }

    /// <summary>The model.</summary>
    public required RecordedModel Model { get; init; }

    /// <summary>The images without an attack.</summary>
    public required RecordedCounts Clean { get; init; }

    /// <summary>The null attack: the images as they are, on separate draws. It costs nothing but chance.</summary>
    public required RecordedCounts Null { get; init; }

    /// <summary>The attacks, by budget and in the order of the plan; submitted ones at the end.</summary>
    public required IReadOnlyList<RecordedAttack> Attacks { get; init; }

    /// <summary>For each budget the worst attack of each image.</summary>
    public required IReadOnlyList<RecordedWorst> Worst { get; init; }

    /// <summary>When and on what it was made: what differs from run to run.</summary>
    public RecordTiming? Timing { get; init; }

    /// <summary>The folder that the record was read from; null for one that was not.</summary>
    [JsonIgnore]
    public string? Folder { get; internal init; }

    /// <summary>The SHA-256 of manifest.json, which names the whole record; null for one that was not read from a folder.</summary>
    [JsonIgnore]
    public string? Id { get; internal init; }

    /// <summary>Reads a record. Its files are compared with the manifest by <see cref="Verify"/>.</summary>
    /// <param name="folder">The folder with record.json.</param>
    /// <exception cref="IOException">The folder or the file is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is no record, one of another version, or contradicts itself.</exception>
    public static EvaluationRecord Open(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) throw new FileNotFoundException($"'{folder}' holds no record: there is no {FileName}. Give the folder of a record.");
        var record = FromJson(File.ReadAllText(path));
        RecordRules.Check(record, path);
        return record with { Folder = Path.GetFullPath(folder), Id = RecordManifest.IdOf(folder) };
    }

    /// <summary>The folders of records in a folder and below it, in the order of their names.</summary>
    /// <param name="folder">A record, or a folder of records.</param>
    public static IReadOnlyList<string> FoldersIn(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.EnumerateFiles(folder, FileName, SearchOption.AllDirectories).Select(path => Path.GetDirectoryName(path)!)
            .Where(path => !path.EndsWith(".part", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];   // one that is being made
    }

    /// <summary>The name of the folder that an evaluation keeps the record of a defense in: its letters and digits, "hrs-5-5" for "HRS 5×5".</summary>
    /// <param name="defense">The name of the defense.</param>
    public static string FolderOf(string defense) => RecordWriter.Names([Require.NotNull(defense, nameof(defense))]).First();

    /// <summary>What is changed, missing or added in the files, by the manifest; nothing for a whole record.</summary>
    /// <exception cref="InvalidOperationException">The record was not read from a folder.</exception>
    public IReadOnlyList<RecordDifference> CompareFiles() => [.. RecordManifest.Differences(At("")).Select(text => new RecordDifference("files", text + "."))];

    /// <summary>Judges the record again: its files, its images, the model and each rate.</summary>
    /// <param name="model">The model, made again, in evaluation mode.</param>
    /// <param name="seed">The seed of the fresh draws; by default (null) unpredictable.</param>
    /// <param name="progress">Receives the share done, from 0 to 1.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidOperationException">The record was not read from a folder; or the model is in training mode.</exception>
    public RecordVerification Verify(ModelView model, ulong? seed = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        new RecordVerifier(this, Require.NotNull(model, nameof(model)), seed, progress, cancellation).Run();

    /// <summary>Adds adversarial images by others: the judge judges them, and the worst attack of each image is chosen anew. Writes a new record.</summary>
    /// <param name="submission">The images and who made them how.</param>
    /// <param name="model">The model of the record, in evaluation mode.</param>
    /// <param name="folder">The folder of the new record.</param>
    /// <param name="seed">The seed of the judge; by default (null) unpredictable, so that images cannot be made for its draws.</param>
    /// <exception cref="ArgumentException">The images have another shape, the budget is none of the record's, or the model is another one.</exception>
    /// <exception cref="InvalidDataException">Files of the record are changed or missing.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public EvaluationRecord Submit(RecordSubmission submission, ModelView model, string folder, ulong? seed = null) =>
        Require.NotNull(submission, nameof(submission)).Judge(this, Require.NotNull(model, nameof(model)), folder, seed);

    /// <summary>The accuracy of a count of right answers: per draw, by majority, and in every draw.</summary>
    /// <param name="counts">Counts of this record.</param>
    public DrawRates Accuracy(RecordedCounts counts) =>
        new Tally(Settings.Draws).Add(Require.NotNull(counts, nameof(counts)).Correct).Accuracy(Settings.Confidence)!;

    /// <summary>The images, (N, …). The caller disposes them.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Tensor ReadImages() => NpyFile.Read(At(ImagesFile));

    /// <summary>Their classes, (N,), int64. The caller disposes them.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Tensor ReadLabels() => NpyFile.Read(At(LabelsFile));

    /// <summary>The adversarial images of an attack, (N, …). The caller disposes them.</summary>
    /// <param name="attack">An attack of this record.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Tensor ReadAdversarial(RecordedAttack attack) => NpyFile.Read(At(Require.NotNull(attack, nameof(attack)).File));

    /// <summary>The path of a file of the model.</summary>
    /// <param name="name">One of <see cref="RecordedModel.Files"/>.</param>
    /// <exception cref="ArgumentException">The record has no such file.</exception>
    public string ModelFile(string name) => Model.Files.Contains(Require.NotNull(name, nameof(name))) ? At($"model/{name}")
        : throw new ArgumentException($"name must be a file of the record's model ({string.Join(", ", Model.Files)}); it is '{name}'.", nameof(name));

    /// <summary>The record as JSON, without images.</summary>
    public string ToJson() => VersionedJson.Write(this);

    /// <summary>Reads record.json.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="InvalidDataException">The text is no record, or one of another schema.</exception>
    public static EvaluationRecord FromJson(string json) =>
        VersionedJson.Read<EvaluationRecord>(json, CurrentSchema, "record", "Read it with the version that wrote it, or make the record again.");

    /// <summary>The attacks at a budget, in the order of the record.</summary>
    internal IReadOnlyList<RecordedAttack> AttacksAt(double epsilon) => [.. Attacks.Where(attack => attack.Epsilon == epsilon)];

    internal string At(string name) => Path.Combine(
        Folder ?? throw new InvalidOperationException("This record was not read from a folder. Open its folder with EvaluationRecord.Open."),
        name.Replace('/', Path.DirectorySeparatorChar));
}
