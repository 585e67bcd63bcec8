using Defenses.Attacks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Metrics;

/// <summary>Standard deviations of a stream of batches, element by element, by Welford's recurrence: equal batches give exactly 0.</summary>
internal sealed class RunningSpread : IDisposable
{
    private readonly Tensor[] _means = new Tensor[3], _squares = new Tensor[3];
    private int _count;

    /// <summary>Adds a batch of gradients, (N, …).</summary>
    internal void Add(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        _count++;
        Update(0, gradient);
        Update(1, Norm.L2.SteepestDirection(gradient) * Math.Sqrt((double)gradient.numel() / gradient.shape[0]));
        Update(2, gradient.sign());
    }

    /// <summary>The deviations of each example: raw, normalised, sign; each (N,).</summary>
    internal (double[] Raw, double[] Normalised, double[] Sign) Results() => (Result(0), Result(1), Result(2));

    public void Dispose()
    {
        foreach (var held in _means.Concat(_squares)) held?.Dispose();
    }

    private void Update(int kind, Tensor value)
    {
        if (_count == 1)
        {
            _means[kind] = value.clone().DetachFromDisposeScope();
            _squares[kind] = zeros_like(value).DetachFromDisposeScope();
            return;
        }
        var before = value - _means[kind];
        _means[kind].add_(before / _count);
        _squares[kind].add_(before * (value - _means[kind]));
    }

    private double[] Result(int kind)
    {
        using var scope = NewDisposeScope();
        return (_squares[kind] / _count).clamp_min(0).sqrt().flatten(1).mean([1]).to_type(ScalarType.Float64).cpu().data<double>().ToArray();
    }
}
