namespace Defenses.Papers;

/// <summary>Progress told at once, on the same thread.</summary>
public sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
