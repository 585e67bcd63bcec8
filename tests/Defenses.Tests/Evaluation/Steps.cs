using Defenses.Evaluation;

namespace Defenses.Tests.Evaluation;

/// <summary>Hears progress at once (not by a later message) and cancels at a step.</summary>
internal sealed class Steps(int cancelAt = -1) : IProgress<EvaluationProgress>, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    internal List<EvaluationProgress> Heard { get; } = [];

    internal CancellationToken Token => _source.Token;

    public void Report(EvaluationProgress value)
    {
        if (Heard.Count == cancelAt) _source.Cancel();
        Heard.Add(value);
    }

    public void Dispose() => _source.Dispose();
}
