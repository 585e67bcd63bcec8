namespace DefenseBench;

/// <summary>Progress told at once, on the same thread.</summary>
internal sealed class Relay<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
