using Microsoft.ML.OnnxRuntime;

namespace Defenses.Onnx;

/// <summary>An inference session that is freed once, and never while it runs: ONNX Runtime ends the process when a freed session is run.</summary>
internal sealed class GuardedSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly Lock _gate = new();
    private int _running;
    private bool _isDisposed;

    private GuardedSession(string path, InferenceSession session)
    {
        (Path, _session) = (path, session);
        Inputs = [.. session.InputNames.Select(name => Port.Of(name, session.InputMetadata[name]))];
        Outputs = [.. session.OutputNames.Select(name => Port.Of(name, session.OutputMetadata[name]))];
    }

    internal string Path { get; }

    internal IReadOnlyList<Port> Inputs { get; }

    internal IReadOnlyList<Port> Outputs { get; }

    internal static GuardedSession Open(string path, int? threads, SessionOptions? given)
    {
        var file = new FileInfo(path);
        if (Directory.Exists(path)) throw new InvalidDataException($"'{path}' is a folder. Give the .onnx file in it.");
        if (!file.Exists) throw new FileNotFoundException($"There is no file '{path}'.", path);
        if (file.Length == 0) throw new InvalidDataException($"'{path}' is empty. Export or copy the model again.");
        using var own = given is null ? Options(threads) : null;
        InferenceSession? session = null;
        try
        {
            session = new InferenceSession(path, own ?? given);
            return new GuardedSession(path, session);
        }
        catch (OnnxRuntimeException error)
        {
            session?.Dispose();
            throw new InvalidDataException(
                $"'{path}' could not be loaded as an ONNX model. It may be truncated, of another format, or newer than ONNX Runtime: {error.Message}", error);
        }
    }

    /// <summary>Uses the session; it is not freed meanwhile.</summary>
    internal T Use<T>(Func<InferenceSession, T> use)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(OnnxModel));
            _running++;
        }
        try { return use(_session); }
        finally { Leave(); }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            if (_running > 0) return;
        }
        _session.Dispose();
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_running > 0 || !_isDisposed) return;
        }
        _session.Dispose();
    }

    // Errors are exceptions; the library prints nothing.
    private static SessionOptions Options(int? threads)
    {
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        if (threads is { } count) options.IntraOpNumThreads = count;
        return options;
    }
}
