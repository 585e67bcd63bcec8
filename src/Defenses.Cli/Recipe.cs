using Defenses.Layers;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DefenseBench;

/// <summary>How a defense is put on the base network.</summary>
/// <param name="Name">Its name in the report and for --defense.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Make">Makes the protected network.</param>
internal sealed record Recipe(string Name, string Description, Func<Workshop, nn.Module<Tensor, Tensor>> Make)
{
    /// <summary>Every defense of the library, the unprotected network first.</summary>
    internal static IReadOnlyList<Recipe> All { get; } =
    [
        new("unprotected", "The network as trained, without a defense.", shop => shop.Base()),
        new("HRS", "Hierarchical random switching: every answer takes a random path through separately trained channels.", shop => shop.Switching(shop.Channels)),
        new("Gaussian noise", "Noise before every convolution, at training and test time (random self-ensemble).", Noise),
        new("defensive dropout", "Dropout 0.3 between the two hidden dense layers, also at test time.", Dropout),
        new("SAP", "Stochastic activation pruning after the first hidden dense layer.",
            shop => shop.With<ReLU>(path => path == "relu5" ? new StochasticActivationPruning() : null)),
        new("MVM", "Sampling of the positions of the feature maps with the smallest variance, after every convolution.",
            shop => shop.With<ReLU>(path => IsConvolution(path) ? new MvmSampling() : null)),
        new("random spiking", "A fifth of the first feature map is replaced by random values.",
            shop => shop.Tuned("random spiking", shop.With<ReLU>(path => path == "relu1" ? new RandomSpiking { Range = NoiseRange.Sample } : null))),
        new("JumpReLU", "Activations below κ = 0.2 are set to zero.", shop => shop.WithActivations(_ => new JumpReLU(0.2))),
        new("randomized JumpReLU", "Activations below a random κ in [0.12, 0.2] are set to zero.", shop => shop.WithActivations(_ => new RandomizedJumpReLU(0.2))),
        new("bounded ReLU", "Activations above 2 are cut off.", shop => shop.WithActivations(_ => new BoundedReLU(2))),
        new("JPEG 50", "The image is compressed at quality 50 before it is recognised.", shop => Before(shop, new JpegCompression(50))),
        new("bit depth 3", "The image is reduced to 8 levels.", shop => Before(shop, new BitDepthReduction(3))),
        new("median 3", "The image is smoothed by a 3×3 median.", shop => Before(shop, new MedianSmoothing(3))),
    ];

    /// <summary>Those of the given names, the unprotected network always first; all for no names.</summary>
    internal static IReadOnlyList<Recipe> Chosen(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (All.All(recipe => recipe.Name != name))
                throw new UserError($"--defense '{name}' is not known. Known: {string.Join(", ", All.Select(recipe => recipe.Name))}.");
        return names.Count == 0 ? All : [All[0], .. All.Skip(1).Where(recipe => names.Contains(recipe.Name))];
    }

    private static nn.Module<Tensor, Tensor> Noise(Workshop shop)
    {
        var (first, inner) = shop.IsColour ? (0.02, 0.01) : (0.2, 0.1);
        return shop.Tuned("Gaussian noise", shop.With<Conv2d>(path => new GaussianNoise(path == "conv1" ? first : inner), before: true));
    }

    private static nn.Module<Tensor, Tensor> Dropout(Workshop shop)
    {
        var network = shop.Copy();
        foreach (var (_, layer) in network.StochasticLayers()) layer.ActiveIn = Phases.Always;
        return network;
    }

    private static nn.Module<Tensor, Tensor> Before(Workshop shop, nn.Module<Tensor, Tensor> transform) =>
        shop.With<Conv2d>(path => path == "conv1" ? transform : null, before: true);

    private static bool IsConvolution(string path) => path is "relu1" or "relu2" or "relu3" or "relu4";
}
