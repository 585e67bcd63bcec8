using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Distances between rows of float64 features.</summary>
internal static class Distances
{
    private const double Smallest = 1e-30;   // squared; keeps the root differentiable where two rows are the same

    /// <summary>Squared Euclidean distances: (N, D), (M, D) → (N, M).</summary>
    internal static Tensor Squared(Tensor from, Tensor to)
    {
        using var scope = NewDisposeScope();
        var squares = from.square().sum(1, keepdim: true) + to.square().sum(1).unsqueeze(0);
        return (squares - 2 * from.matmul(to.t())).clamp_min(Smallest).MoveToOuterDisposeScope();
    }
}
