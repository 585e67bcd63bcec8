using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Adds independent normal noise to every activation: y = x + n, n ~ N(0, std²). The noise is the same in training, evaluation and attack.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …). Gradient: that of the identity. Source: Liu et al. 2018 (Random Self-Ensemble): before each convolution,
/// 0.2 before the first and 0.1 before the others, pixels in [0, 1]; the decision is the mean of the softmax outputs over about 50 passes.
/// </remarks>
public sealed class GaussianNoise : StochasticLayer
{
    /// <summary>Noise of the given standard deviation.</summary>
    /// <param name="std">In units of the activations, 0 or above.</param>
    /// <exception cref="ArgumentOutOfRangeException">std is negative or not finite.</exception>
    public GaussianNoise(double std) : base(nameof(GaussianNoise)) => Std = std;

    /// <summary>The standard deviation, in units of the activations, 0 or above.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double Std
    {
        get;
        set => field = Require.NotNegative(value, "std");
    }

    /// <summary>
    /// The paper's convention for insertion before every convolution: the first layer made has standard deviation
    /// <paramref name="init"/>, the others have <paramref name="inner"/>.
    /// </summary>
    /// <param name="init">Before the first convolution, in units of the input; 0.2 in the paper.</param>
    /// <param name="inner">Before each later convolution, in units of its input; 0.1 in the paper.</param>
    /// <returns>A function from the path of a convolution to its layer; call it in the order of the network.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A standard deviation is negative or not finite.</exception>
    public static Func<string, nn.Module<Tensor, Tensor>> InitThenInner(double init = 0.2, double inner = 0.1)
    {
        Require.NotNegative(init, nameof(init));
        Require.NotNegative(inner, nameof(inner));
        var made = 0;
        return _ => new GaussianNoise(made++ == 0 ? init : inner);
    }

    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        if (Std == 0 || x.numel() == 0) return x.alias();
        if (random.AddNormal(x, Std) is { } noisy) return noisy;
        var noise = random.Normal(x, Std);
        return random.IsReplaying ? x + noise : noise.add_(x);
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();
}
