using Defenses.Papers;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>A network of the Zoo by name.</summary>
/// <param name="Name">For --network.</param>
/// <param name="Description">What it is.</param>
/// <param name="Shape">The shape of its images, (C, H, W).</param>
/// <param name="Make">Makes it with initial weights from a seed.</param>
internal sealed record ZooNetwork(string Name, string Description, long[] Shape, Func<ulong, nn.Module<Tensor, Tensor>> Make)
{
    private static readonly long[] s_digits = [1, 28, 28], s_colour = [3, 32, 32];

    /// <summary>Every network that can be trained, the default of each shape first.</summary>
    internal static IReadOnlyList<ZooNetwork> All { get; } =
    [
        new("hrs-mnist", "Wang et al. 2019, four convolutions, for 28×28 grey images", s_digits, seed => Networks.HrsMnist(seed)),
        new("hrs-cifar10", "Wang et al. 2019, four convolutions, for 32×32 colour images", s_colour, seed => Networks.HrsCifar10(seed)),
        new("lenet-like", "Erichson et al. 2019 (JumpReLU), two convolutions", s_digits, seed => Networks.LeNetLike(seed)),
        new("alex-like", "Erichson et al. 2019 (JumpReLU), for CIFAR-10", s_colour, seed => Networks.AlexLike(seed)),
        new("random-spiking-mnist", "Ge et al. 2020 (Random Spiking)", s_digits, seed => Networks.RandomSpikingMnist(seed)),
        new("feinman-mnist", "Feinman et al. 2017", s_digits, seed => Networks.FeinmanMnist(seed)),
        new("feinman-cifar10", "Feinman et al. 2017", s_colour, seed => Networks.FeinmanCifar10(seed)),
        new("wide-resnet-28x10", "Ge et al. 2020 (Random Spiking), for CIFAR-10; slow without a GPU", s_colour, seed => Networks.WideResNet28x10(seed)),
        new("wide-resnet-34x4", "Erichson et al. 2019 (JumpReLU), for CIFAR-10; slow without a GPU", s_colour, seed => Networks.WideResNet34x4(seed)),
        new("mobilenet-v2", "Erichson et al. 2019 (JumpReLU), for CIFAR-10; slow without a GPU", s_colour, seed => Networks.MobileNetV2(seed)),
    ];

    /// <summary>Their names with commas between them.</summary>
    internal static string Names { get; } = string.Join(", ", All.Select(network => network.Name));

    /// <summary>The network of a name, or with 'auto' the default of the images' shape.</summary>
    /// <exception cref="UserError">There is none, or it is for other images.</exception>
    internal static ZooNetwork Find(string name, IReadOnlyList<long> shape)
    {
        var network = name == "auto" ? All.FirstOrDefault(one => one.Shape.SequenceEqual(shape)) : All.FirstOrDefault(one => one.Name == name);
        if (network is null) throw new UserError(name == "auto"
            ? $"--network auto knows no network for images of shape ({string.Join(", ", shape)}). Known: {Names}."
            : $"--network '{name}' is not known. Known: {Names}.");
        return network.Shape.SequenceEqual(shape)
            ? network
            : throw new UserError($"--network {name} is for images of shape ({string.Join(", ", network.Shape)}); the data set's have "
                + $"({string.Join(", ", shape)}). Choose another network or data set.");
    }
}
