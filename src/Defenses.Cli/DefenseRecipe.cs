using Defenses.Hardening;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>How a defense is put on the base network.</summary>
/// <param name="Name">Its name in the report and for --defense.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Make">Makes the protected network.</param>
internal sealed record DefenseRecipe(string Name, string Description, Func<NetworkBuilder, nn.Module<Tensor, Tensor>> Make)
{
    /// <summary>Every defense of the library, the unprotected network first.</summary>
    internal static IReadOnlyList<DefenseRecipe> All { get; } =
    [
        new("unprotected", "The network as trained, without a defense.", builder => builder.Base()),
        new("HRS", "Hierarchical random switching: every answer takes a random path through separately trained channels.", builder =>
            builder.Switching(builder.Channels)),
        new("Gaussian noise", "Noise before every convolution, at training and test time (random self-ensemble).", Noise),
        new("defensive dropout", "Dropout 0.3 between the two hidden dense layers, also at test time.", Dropout),
        new("SAP", "Stochastic activation pruning after the first hidden dense layer.",
            builder => builder.With<ReLU>(path => path == "relu5" ? new StochasticActivationPruning() : null)),
        new("MVM", "Sampling of the positions of the feature maps with the smallest variance, after every convolution.",
            builder => builder.With<ReLU>(path => IsConvolution(path) ? new MvmSampling() : null)),
        new("random spiking", "A fifth of the first feature map is replaced by random values.",
            builder => builder.Tuned("random spiking", builder.With<ReLU>(path => path == "relu1" ? new RandomSpiking { Range = NoiseRange.Sample } : null))),
        new("JumpReLU", "Activations below κ = 0.2 are set to zero.", builder => builder.WithActivations(_ => new JumpReLU(0.2))),
        new("randomized JumpReLU", "Activations below a random κ in [0.12, 0.2] are set to zero.", builder =>
            builder.WithActivations(_ => new RandomizedJumpReLU(0.2))),
        new("bounded ReLU", "Activations above 2 are cut off.", builder => builder.WithActivations(_ => new BoundedReLU(2))),
        new("JPEG 50", "The image is compressed at quality 50 before it is recognised.", builder => Before(builder, new JpegCompression(50))),
        new("bit depth 3", "The image is reduced to 8 levels.", builder => Before(builder, new BitDepthReduction(3))),
        new("median 3", "The image is smoothed by a 3×3 median.", builder => Before(builder, new MedianSmoothing(3))),
    ];

    /// <summary>Defenses by training, which a benchmark measures beside the others.</summary>
    internal static IReadOnlyList<DefenseRecipe> Trained { get; } =
    [
        new("randomized smoothing", "Trained on noisy images, with noise of 0.25 on each image; a vote over draws decides.", builder =>
            builder.Into<Conv2d>(builder.Fitted("gaussian augmentation", () => new GaussianAugmentation(0.25)), path =>
                path == "conv1" ? new GaussianNoise(0.25) : null, before: true)),
        new("adversarial training", "The unprotected network, trained on against PGD in every step, with ε growing in the first half (Madry et al. 2018).",
            builder => builder.Hardened("adversarial", () => AdversarialTraining.Madry(builder.IsColor ? 8 / 255d : 0.3, Bounds.Unit, 7, ramp: 0.5))),
    ];

    /// <summary>One of a name, of all of them.</summary>
    /// <exception cref="UserError">There is none.</exception>
    internal static DefenseRecipe Find(string name) => All.Concat(Trained).FirstOrDefault(recipe => recipe.Name == name)
        ?? throw new UserError($"The defense '{name}' is not known. Known: {string.Join(", ", All.Concat(Trained).Select(recipe => recipe.Name))}.");

    /// <summary>Those of the given names, the unprotected network always first; all for no names.</summary>
    internal static IReadOnlyList<DefenseRecipe> Chosen(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (All.All(recipe => recipe.Name != name))
                throw new UserError($"--defense '{name}' is not known. Known: {string.Join(", ", All.Select(recipe => recipe.Name))}.");
        return names.Count == 0 ? All : [All[0], .. All.Skip(1).Where(recipe => names.Contains(recipe.Name))];
    }

    private static nn.Module<Tensor, Tensor> Noise(NetworkBuilder builder)
    {
        var (first, inner) = builder.IsColor ? (0.02, 0.01) : (0.2, 0.1);
        return builder.Tuned("Gaussian noise", builder.With<Conv2d>(path => new GaussianNoise(path == "conv1" ? first : inner), before: true));
    }

    private static nn.Module<Tensor, Tensor> Dropout(NetworkBuilder builder)
    {
        var network = builder.Copy();
        foreach (var (_, layer) in network.StochasticLayers()) layer.ActiveIn = Phases.Always;
        return network;
    }

    private static nn.Module<Tensor, Tensor> Before(NetworkBuilder builder, nn.Module<Tensor, Tensor> transform) =>
        builder.With<Conv2d>(path => path == "conv1" ? transform : null, before: true);

    private static bool IsConvolution(string path) => path is "relu1" or "relu2" or "relu3" or "relu4";
}
