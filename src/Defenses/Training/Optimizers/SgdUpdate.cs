using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>
/// Stochastic gradient descent with momentum: v ← m·v + g, then w ← w − rate·v, or w ← w − rate·(g + m·v) with Nesterov's momentum.
/// </summary>
/// <remarks>
/// The defaults are those of Wang et al. 2019 (HRS), Carlini and Wagner's networks and of Ge et al. 2020 on MNIST:
/// rate 0.01 / (1 + 1e-6·t), Nesterov's momentum 0.9. Differs from Keras, which multiplies by the rate before it accumulates: the difference
/// is at most 1e-6 per step here.
/// </remarks>
public sealed record SgdUpdate : UpdateRule
{
    /// <summary>Rate 0.01 / (1 + 1e-6·t), Nesterov's momentum 0.9, no weight decay.</summary>
    public SgdUpdate() : base(LearningRate.InverseTime(0.01, 1e-6)) { }

    /// <summary>m, in [0, 1); by default 0.9.</summary>
    public double Momentum { get; init => field = Require.Below(value, 0, 1, nameof(Momentum)); } = 0.9;

    /// <summary>Whether to use Nesterov's momentum; by default true. Without momentum it has no effect.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>λ in g + λ·w, 0 (the default) or above.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value, nameof(WeightDecay)); }

    /// <inheritdoc/>
    protected internal override int StateTensors => Momentum > 0 ? 1 : 0;

    /// <inheritdoc/>
    protected internal override void Apply(Tensor parameter, Tensor gradient, ReadOnlySpan<Tensor> state, double rate, long step)
    {
        if (WeightDecay > 0) gradient = gradient.add(parameter, alpha: WeightDecay);
        if (Momentum > 0)
        {
            state[0].mul_(Momentum).add_(gradient);
            gradient = Nesterov ? gradient.add_(state[0], alpha: Momentum) : state[0];
        }
        parameter.add_(gradient, alpha: -rate);
    }
}
