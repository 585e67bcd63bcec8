using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The direction of Adam's next step, of about unit size in each element (Kingma and Ba 2015, algorithm 1).</summary>
/// <param name="like">The shape of the gradients, (N, …).</param>
/// <param name="tiny">The number added to the deviation, in the units of the gradient: that of pixels is 1/range as large as in [0, 1].</param>
internal sealed class AdamDirection(Tensor like, double tiny = AdamDirection.Tiny) : IDisposable
{
    /// <summary>The number added to the deviation, for gradients without a unit.</summary>
    internal const double Tiny = 1e-8;

    private const double FirstDecay = 0.9, SecondDecay = 0.999, Largest = 1e18;   // the square of the largest is finite in single precision
    private readonly PerExampleTensors _moments = new(zeros_like(like), zeros_like(like));
    private int _steps;

    /// <summary>The direction after one more gradient, (N, …).</summary>
    internal Tensor Next(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        _steps++;
        var (mean, square) = (_moments[0], _moments[1]);
        Update(mean, square, gradient);
        return (mean / Deviation()).div_(1 - Math.Pow(FirstDecay, _steps)).MoveToOuterDisposeScope();
    }

    /// <summary>The root of the corrected mean square of the gradients so far, plus Adam's small number: the divisor of the last direction, (N, …).</summary>
    internal Tensor Deviation()
    {
        using var scope = NewDisposeScope();
        return (_moments[1] / (1 - Math.Pow(SecondDecay, _steps))).sqrt_().add_(tiny).MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Next(Tensor)"/>, for examples with different numbers of steps: updates their moments and returns the direction, (N, …).</summary>
    /// <param name="mean">The running mean of the gradients, (N, …).</param>
    /// <param name="square">The running mean of their squares, (N, …).</param>
    /// <param name="steps">The number of gradients of each example, with this one: (N,).</param>
    /// <param name="gradient">The gradient, (N, …).</param>
    internal static Tensor Next(Tensor mean, Tensor square, Tensor steps, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        Update(mean, square, gradient);
        var direction = mean / Correction(FirstDecay);
        var deviation = (square / Correction(SecondDecay)).sqrt_().add_(Tiny);
        return direction.div_(deviation).MoveToOuterDisposeScope();

        Tensor Correction(double decay) => Norm.PerExample(1 - (steps * Math.Log(decay)).exp(), gradient);
    }

    private static void Update(Tensor mean, Tensor square, Tensor gradient)
    {
        gradient = gradient.clamp(-Largest, Largest);
        mean.mul_(FirstDecay).add_(gradient, alpha: 1 - FirstDecay);
        square.mul_(SecondDecay).addcmul_(gradient, gradient, 1 - SecondDecay);
    }

    /// <summary>Keeps only the given rows; null keeps all.</summary>
    internal void Keep(Tensor? rows) => _moments.Keep(rows);

    /// <summary>Disposes the moments.</summary>
    public void Dispose() => _moments.Dispose();
}
