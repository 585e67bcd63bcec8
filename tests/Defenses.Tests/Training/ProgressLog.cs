namespace Defenses.Tests.Training;

/// <summary>Collects progress synchronously, on the thread that reports it.</summary>
internal sealed class ProgressLog<T>(Action<T>? then = null) : IProgress<T>
{
    internal List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        then?.Invoke(value);
    }
}
