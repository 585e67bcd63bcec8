using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>Adam: steps along the mean gradient over the root of the mean squared gradient, both bias-corrected.</summary>
/// <remarks>Source: Kingma and Ba 2015, algorithm 1. Weight decay, if any, is added to the gradient.</remarks>
public sealed record AdamUpdate : UpdateRule
{
    /// <summary>Rate 0.001, β₁ 0.9, β₂ 0.999, ε 1e-8, no weight decay.</summary>
    public AdamUpdate() : base(LearningRate.Constant(0.001)) { }

    /// <summary>β₁ of the mean gradient, in [0, 1); by default 0.9.</summary>
    public double Beta1 { get; init => field = Require.Below(value, 0, 1, nameof(Beta1)); } = 0.9;

    /// <summary>β₂ of the mean squared gradient, in [0, 1); by default 0.999.</summary>
    public double Beta2 { get; init => field = Require.Below(value, 0, 1, nameof(Beta2)); } = 0.999;

    /// <summary>Added to the root, above 0; by default 1e-8.</summary>
    public double Epsilon { get; init => field = Require.Positive(value, nameof(Epsilon)); } = 1e-8;

    /// <summary>λ in g + λ·w, 0 (the default) or above.</summary>
    public double WeightDecay { get; init => field = Require.NotNegative(value, nameof(WeightDecay)); }

    /// <inheritdoc/>
    protected internal override int StateTensors => 2;

    /// <inheritdoc/>
    protected internal override void Apply(Tensor parameter, Tensor gradient, ReadOnlySpan<Tensor> state, double rate, long step)
    {
        if (WeightDecay > 0) gradient = gradient.add(parameter, alpha: WeightDecay);
        var (mean, square) = (state[0], state[1]);
        mean.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
        square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var root = square.sqrt().div_(Math.Sqrt(1 - Math.Pow(Beta2, step))).add_(Epsilon);
        parameter.addcdiv_(mean, root, -rate / (1 - Math.Pow(Beta1, step)));
    }
}
