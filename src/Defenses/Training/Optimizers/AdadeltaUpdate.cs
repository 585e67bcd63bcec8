using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Adadelta: the gradient scaled by the root mean square of past updates over that of past gradients.</summary>
/// <remarks>Source: Zeiler 2012, algorithm 1, times the learning rate.</remarks>
public sealed record AdadeltaUpdate : UpdateRule
{
    /// <summary>Rate 1, ρ 0.9, ε 1e-6, no weight decay.</summary>
    public AdadeltaUpdate() : base(LearningRate.Constant(1)) { }

    /// <summary>ρ of both means, in [0, 1); by default 0.9.</summary>
    public double Rho { get; init => field = Require.Below(value, 0, 1, nameof(Rho)); } = 0.9;

    /// <summary>Added below both roots, above 0; by default 1e-6.</summary>
    public double Epsilon { get; init => field = Require.Positive(value, nameof(Epsilon)); } = 1e-6;

    /// <summary>λ in g + λ·w, 0 (the default) or above.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value, nameof(WeightDecay)); }

    /// <inheritdoc/>
    protected internal override int StateTensors => 2;

    /// <inheritdoc/>
    protected internal override void Apply(Tensor parameter, Tensor gradient, ReadOnlySpan<Tensor> state, double rate, long step)
    {
        if (WeightDecay > 0) gradient = gradient.add(parameter, alpha: WeightDecay);
        var (gradients, updates) = (state[0], state[1]);
        gradients.mul_(Rho).addcmul_(gradient, gradient, 1 - Rho);
        var update = updates.add(Epsilon).sqrt_().div_(gradients.add(Epsilon).sqrt_()).mul_(gradient);
        updates.mul_(Rho).addcmul_(update, update, 1 - Rho);
        parameter.add_(update, alpha: -rate);
    }
}
