namespace Defenses.Tests.Evaluation;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("defenses-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
