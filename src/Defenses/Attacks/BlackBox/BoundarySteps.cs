using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The two steps of the boundary attack, and their sizes for each example.</summary>
internal sealed class BoundarySteps : IDisposable
{
    private const double Adaptation = 1.5, Tiny = 1e-12;
    private const int Spherical = 0, Source = 1, SphericalMet = 2, SphericalCount = 3, SourceMet = 4, SourceCount = 5;
    private const int SphericalWindow = 20, SourceWindow = 30;
    private readonly RowState _state;

    internal BoundarySteps(Tensor points, double spherical, double source)
    {
        _state = new RowState(Filled(spherical), Filled(source), Filled(0), Filled(0), Filled(0), Filled(0));

        Tensor Filled(double value) => full([points.shape[0]], value, dtype: points.dtype, device: points.device);
    }

    /// <summary>The sizes of the steps towards the original, (N,), as shares of the distance.</summary>
    internal Tensor SourceSteps => _state[Source];

    /// <summary>Points on the sphere around the originals, and from there towards the originals: (N, …) each.</summary>
    internal (Tensor OnSphere, Tensor Candidate) Propose(AttackRun run, Tensor x, Tensor original)
    {
        using var scope = NewDisposeScope();
        var towards = (original - x).flatten(1);
        var distance = Length(towards);
        var unit = towards / distance.clamp_min(Tiny);
        var random = run.Random.Normal(towards);
        var orthogonal = random - unit * (random * unit).sum(1, keepdim: true);
        var step = orthogonal / Length(orthogonal).clamp_min(Tiny) * (_state[Spherical].unsqueeze(1) * distance);
        // Back onto the sphere: the step makes the distance longer by √(1 + δ²).
        var onSphere = run.Clip(original.flatten(1) + (step - towards) / (_state[Spherical].square() + 1).sqrt().unsqueeze(1));
        var back = original.flatten(1) - onSphere;
        var now = Length(back).clamp_min(Tiny);
        var length = (_state[Source].unsqueeze(1) * distance + now - distance).clamp_min(0);
        var candidate = run.Clip(onSphere + back * (length / now));
        return (onSphere.view(x.shape).MoveToOuterDisposeScope(), candidate.view(x.shape).MoveToOuterDisposeScope());
    }

    /// <summary>Counts whole steps that stayed adversarial, (N,) bool, and adapts the step towards the original.</summary>
    internal void CountSteps(Tensor met)
    {
        using var scope = NewDisposeScope();
        var (rate, full) = Count(SourceMet, SourceCount, met, SourceWindow);
        Scale(Source, full, rate, least: 0.1, most: 0.25);
    }

    /// <summary>Counts spherical steps that stayed adversarial, (N,) bool, and adapts both steps.</summary>
    internal void CountSpherical(Tensor met)
    {
        using var scope = NewDisposeScope();
        var (rate, full) = Count(SphericalMet, SphericalCount, met, SphericalWindow);
        Scale(Spherical, full, rate, least: 0.2, most: 0.5);
        Scale(Source, full, rate, least: 0.2, most: 0.5);
    }

    /// <summary>Lets all but the given rows leave; null keeps all.</summary>
    internal void Keep(Tensor? rows) => _state.Keep(rows);

    /// <summary>Disposes the state.</summary>
    public void Dispose() => _state.Dispose();

    // The rate in a window, and whether the window is full; a full window begins anew.
    private (Tensor Rate, Tensor Full) Count(int hits, int trials, Tensor met, int window)
    {
        _state[hits] = _state[hits] + met.to_type(_state[hits].dtype);
        _state[trials] = _state[trials] + 1;
        var full = _state[trials] >= window;
        var rate = _state[hits] / _state[trials];
        var rest = full.logical_not().to_type(_state[hits].dtype);
        _state[hits] = _state[hits] * rest;
        _state[trials] = _state[trials] * rest;
        return (rate, full);
    }

    private void Scale(int size, Tensor full, Tensor rate, double least, double most)
    {
        var longer = full.logical_and(rate > most);
        var shorter = full.logical_and(rate < least);
        _state[size] = where(longer, _state[size] * Adaptation, where(shorter, _state[size] / Adaptation, _state[size]));
    }

    private static Tensor Length(Tensor flat) => flat.square().sum(1, keepdim: true).sqrt();
}
