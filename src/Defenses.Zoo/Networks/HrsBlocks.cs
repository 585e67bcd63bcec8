using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The HRS paper's networks cut into blocks: for each block a function from a seed to a freshly initialized channel.</summary>
/// <remarks>
/// One block: the whole network. Two blocks (the paper's): the four convolutions with their pools, flatten, the first dense layer, ReLU and
/// dropout; then the rest. Three blocks (Table A3 has results but no split; this split is our choice): the first two convolutions and their pool; the
/// second two with theirs, flatten, the first dense layer, ReLU and dropout; the rest. Layers are named as in <see cref="Networks.HrsMnist"/>
/// for every cut, so that a channel can load its weights from a file of the whole network if the other names are ignored.
/// Shapes: (N, C, H, W) → … → (N, 10) logits. Source: Wang et al. 2019 (HRS), section 3 and Table A3.
/// </remarks>
public static class HrsBlocks
{
    /// <summary>The MNIST network, (N, 1, 28, 28) → (N, 10), in blocks.</summary>
    /// <param name="blocks">The number of blocks: 1, 2 or 3.</param>
    /// <param name="dropout">Dropout rate behind the first dense layer while training, in [0, 1); 0.3 in the paper's code.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blocks"/> is not 1 to 3, or the rate is not in [0, 1).</exception>
    public static IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Mnist(int blocks = 2, double dropout = 0.3) => HrsLayers.Mnist(dropout).Blocks(blocks);

    /// <summary>The CIFAR-10 network, (N, 3, 32, 32) → (N, 10), in blocks.</summary>
    /// <param name="blocks">The number of blocks: 1, 2 or 3.</param>
    /// <param name="dropout">Dropout rate behind the first dense layer while training, in [0, 1); 0.7 in the paper's code.</param>
    /// <param name="width">Filters of the first two convolutions, at least 1, half of those of the second two; 64 in the
    /// paper. Use fewer only for quick tests.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="blocks"/> is not 1 to 3, the rate is not in [0, 1), or the width is below 1.</exception>
    public static IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Cifar10(int blocks = 2, double dropout = 0.7, int width = 64) =>
        HrsLayers.Cifar10(dropout, width).Blocks(blocks);
}

/// <summary>The layers of the HRS paper's two networks, cut into three pieces, from which whole networks and blocks are built.</summary>
internal sealed record HrsLayers(long Channels, long Side, long Width, long Hidden, double Dropout)
{
    public static HrsLayers Mnist(double dropout) => new(1, 28, 32, 200, LayerMaker.CheckedRate(dropout));

    public static HrsLayers Cifar10(double dropout, int width) => width >= 1
        ? new(3, 32, width, 256, LayerMaker.CheckedRate(dropout))
        : throw new ArgumentOutOfRangeException(nameof(width), width, "width must be at least 1.");

    /// <summary>The network in one, two or three blocks.</summary>
    public IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Blocks(int count) => count switch
    {
        1 => [Build(l => Rest(Upper(Lower(l))))],
        2 => [Build(l => Upper(Lower(l))), Build(Rest)],
        3 => [Build(Lower), Build(Upper), Build(Rest)],
        _ => throw new ArgumentOutOfRangeException(nameof(count), count, "The HRS networks can be cut into 1, 2 or 3 blocks."),
    };

    private static Func<ulong, nn.Module<Tensor, Tensor>> Build(Func<LayerList, LayerList> layers) => seed =>
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return layers(new LayerList(make)).Build();
    };

    // (N, C, S, S) → (N, W, S/2 − 2, S/2 − 2)
    private LayerList Lower(LayerList layers) => layers.ConvReLU(1, Channels, Width).ConvReLU(2, Width, Width).Pool(1);

    // → (N, 2W, S/4 − 3, S/4 − 3) → (N, hidden)
    private LayerList Upper(LayerList layers)
    {
        var side = (Side / 4) - 3;
        return layers.ConvReLU(3, Width, 2 * Width).ConvReLU(4, 2 * Width, 2 * Width).Pool(2)
            .Flatten().Linear(1, 2 * Width * side * side, Hidden).ReLU(5).Dropout("dropout", Dropout);
    }

    // (N, hidden) → (N, 10)
    private LayerList Rest(LayerList layers) => layers.Linear(2, Hidden, Hidden).ReLU(6).Linear(3, Hidden, 10);
}
