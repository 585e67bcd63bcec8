using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>The value of one function with the gradient of another (Bengio, Léonard and Courville 2013; BPDA, Athalye et al. 2018).</summary>
internal static class SurrogateGradient
{
    /// <summary>
    /// The value of <paramref name="exact"/> without a graph, plus a zero that has the gradient of <paramref name="surrogate"/>.
    /// </summary>
    internal static Tensor Of(Func<Tensor> exact, Tensor surrogate)
    {
        using var scope = NewDisposeScope();
        Tensor value;
        using (no_grad()) value = exact();
        if (!surrogate.requires_grad || !is_grad_enabled()) return value.MoveToOuterDisposeScope();
        return (value + (surrogate - surrogate.detach())).MoveToOuterDisposeScope();
    }

    /// <summary>A rounding function with the gradient of the identity.</summary>
    internal static Tensor Round(Tensor x, Func<Tensor, Tensor> rounding) => Of(() => rounding(x), x);
}
