namespace Defenses.Tests.Training;

/// <summary>Progress that is heard at once, on the thread that reports it.</summary>
internal sealed class Heard<T>(Action<T>? then = null) : IProgress<T>
{
    internal List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        then?.Invoke(value);
    }
}
