using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The direction of Adam's next step, of about unit size in each element (Kingma and Ba 2015, algorithm 1).</summary>
internal sealed class AdamDirection(Tensor like) : IDisposable
{
    private const double FirstDecay = 0.9, SecondDecay = 0.999, Tiny = 1e-8;
    private readonly PerExampleTensors _moments = new(zeros_like(like), zeros_like(like));
    private int _steps;

    /// <summary>The direction after one more gradient, (N, …).</summary>
    internal Tensor Next(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        _steps++;
        _moments[0].mul_(FirstDecay).add_(gradient, alpha: 1 - FirstDecay);
        _moments[1].mul_(SecondDecay).addcmul_(gradient, gradient, 1 - SecondDecay);
        var deviation = (_moments[1] / (1 - Math.Pow(SecondDecay, _steps))).sqrt_().add_(Tiny);
        return (_moments[0] / deviation).div_(1 - Math.Pow(FirstDecay, _steps)).MoveToOuterDisposeScope();
    }

    /// <summary>Keeps only the given rows; null keeps all.</summary>
    internal void Keep(Tensor? rows) => _moments.Keep(rows);

    /// <summary>Disposes the moments.</summary>
    public void Dispose() => _moments.Dispose();
}
