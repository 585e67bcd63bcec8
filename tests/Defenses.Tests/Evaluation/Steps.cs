using Defenses.Evaluation;

namespace Defenses.Tests.Evaluation;

/// <summary>Collects progress synchronously (not by a later message) and cancels at a step.</summary>
internal sealed class Steps(int cancelAt = -1) : IProgress<EvaluationProgress>, IDisposable
{
    private readonly CancellationTokenSource _source = new();

    internal List<EvaluationProgress> Reports { get; } = [];

    internal CancellationToken Token => _source.Token;

    public void Report(EvaluationProgress value)
    {
        if (Reports.Count == cancelAt) _source.Cancel();
        Reports.Add(value);
    }

    public void Dispose() => _source.Dispose();
}
