using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The layers of the HRS paper's two networks, cut into the three pieces from which whole networks and blocks are put together.</summary>
internal sealed record HrsLayers(long Channels, long Side, long Width, long Hidden, double Dropout)
{
    public static HrsLayers Mnist(double dropout) => new(1, 28, 32, 200, LayerMaker.Rate(dropout));

    public static HrsLayers Cifar10(double dropout, int width) => width >= 1
        ? new(3, 32, width, 256, LayerMaker.Rate(dropout))
        : throw new ArgumentOutOfRangeException(nameof(width), width, "width must be at least 1.");

    /// <summary>The pieces put together and cut into one, two or three blocks.</summary>
    public IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Blocks(int count) => count switch
    {
        1 => [Build(l => Rest(Upper(Lower(l))))],
        2 => [Build(l => Upper(Lower(l))), Build(Rest)],
        3 => [Build(Lower), Build(Upper), Build(Rest)],
        _ => throw new ArgumentOutOfRangeException(nameof(count), count, "The HRS networks can be cut into 1, 2 or 3 blocks."),
    };

    private static Func<ulong, nn.Module<Tensor, Tensor>> Build(Func<LayerList, LayerList> layers) => seed =>
    {
        using var make = new LayerMaker(seed, Initialisations.Keras);
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
