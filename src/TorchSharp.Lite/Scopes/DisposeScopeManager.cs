namespace TorchSharp;

/// <summary>The dispose scopes of one thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? s_current;

    private readonly ThreadDisposeScopeStatistics _statistics = new();

    internal static DisposeScopeManager Current => s_current ??= new DisposeScopeManager();

    internal int Thread { get; } = Environment.CurrentManagedThreadId;

    internal DisposeScope? Innermost { get; set; }

    internal LifetimeStatistics Counts => _statistics.TensorStatistics;

    public static ThreadDisposeScopeStatistics Statistics => Current._statistics;
}
