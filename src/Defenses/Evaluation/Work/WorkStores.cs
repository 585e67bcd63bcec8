namespace Defenses.Evaluation.Work;

/// <summary>The finished work of several folders, none of which another process works in meanwhile.</summary>
internal sealed class WorkStores : IDisposable
{
    private readonly List<WorkStore> _all = [];

    /// <exception cref="IOException">A folder is not there, or a process works in it.</exception>
    internal WorkStores(IReadOnlyList<string> folders)
    {
        try
        {
            foreach (var folder in folders)
            {
                if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder '{folder}' with a shard's work. Give the folders that the shards were run with.");
                _all.Add(new WorkStore(folder));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal IReadOnlyList<WorkStore> All => _all;

    public void Dispose()
    {
        foreach (var store in _all) store.Dispose();
    }
}
