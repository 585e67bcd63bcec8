namespace Defenses.Evaluation;

/// <summary>A record in the making, in a folder beside its own: the record's folder only ever holds a whole record.</summary>
internal sealed class RecordStaging : IDisposable
{
    private readonly string _target;

    /// <exception cref="IOException">The folder holds something else, or cannot be written to.</exception>
    internal RecordStaging(string folder)
    {
        _target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        RequireFree(_target, folder);
        Folder = AtomicFile.Part(_target);
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        AtomicFile.RequireWritable(Folder, nameof(folder));
    }

    /// <summary>Where the files are written.</summary>
    internal string Folder { get; }

    internal string At(string name) => Path.Combine(Folder, name.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Writes the manifest, and puts the record in its place.</summary>
    internal void Finish(EvaluationRecord record)
    {
        AtomicFile.Write(At(EvaluationRecord.FileName), record.ToJson());
        RecordManifest.Write(Folder);
        if (Directory.Exists(_target)) Directory.Delete(_target, recursive: true);
        Directory.Move(Folder, _target);
    }

    public void Dispose()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static void RequireFree(string target, string folder)
    {
        if (File.Exists(target)) throw new IOException($"A record needs a folder; '{folder}' is a file. Choose another name.");
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any() && !File.Exists(Path.Combine(target, EvaluationRecord.FileName)))
            throw new IOException($"'{folder}' holds other files than a record, which would replace them. Choose another folder.");
    }
}
