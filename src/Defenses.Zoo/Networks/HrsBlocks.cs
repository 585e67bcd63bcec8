using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The HRS paper's networks cut into blocks: for each block, how to make a freshly initialised channel from a seed.</summary>
/// <remarks>
/// One block: the whole network. Two blocks (the paper's): the four convolutions with their pools, flatten, the first dense layer, ReLU and
/// dropout; then the rest. Three blocks (Table A3 has results but no split; this one is ours): the first two convolutions and their pool; the
/// second two with theirs, flatten, the first dense layer, ReLU and dropout; the rest. Layers are named as in <see cref="Networks.HrsMnist"/>
/// whatever the cut, so that a channel takes its weights from a file of the whole network when the other names are left out.
/// Shapes: (N, C, H, W) → … → (N, 10) logits. Source: Wang et al. 2019 (HRS), section 3 and Table A3.
/// </remarks>
public static class HrsBlocks
{
    /// <summary>The MNIST network, (N, 1, 28, 28) → (N, 10), in blocks.</summary>
    /// <param name="blocks">How many: 1, 2 or 3.</param>
    /// <param name="dropout">Dropout rate behind the first dense layer while training, in [0, 1); 0.3 in the paper's code.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blocks"/> is not 1 to 3, or the rate is not in [0, 1).</exception>
    public static IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Mnist(int blocks = 2, double dropout = 0.3) => HrsLayers.Mnist(dropout).Blocks(blocks);

    /// <summary>The CIFAR-10 network, (N, 3, 32, 32) → (N, 10), in blocks.</summary>
    /// <param name="blocks">How many: 1, 2 or 3.</param>
    /// <param name="dropout">Dropout rate behind the first dense layer while training, in [0, 1); 0.7 in the paper's code.</param>
    /// <param name="width">Filters of the first two convolutions, at least 1, half of those of the second two; 64 in the paper. Fewer are for quick looks only.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blocks"/> is not 1 to 3, the rate is not in [0, 1), or the width is below 1.</exception>
    public static IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Cifar10(int blocks = 2, double dropout = 0.7, int width = 64) =>
        HrsLayers.Cifar10(dropout, width).Blocks(blocks);
}
