using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Reference;

/// <summary>The network behind the reference numbers, and the images they were computed on.</summary>
internal static class ReferenceNetwork
{
    internal static nn.Module<Tensor, Tensor> Load()
    {
        var network = Networks.HrsMnist(seed: 1, dropout: 0);
        network.LoadWeights(SharedFiles.Copied("mnist-cnn.safetensors"));
        network.eval();
        return network;
    }

    /// <summary>25 images drawn by a program, (25, 1, 28, 28), with the network's own predictions as labels.</summary>
    internal static (Tensor Images, Tensor Labels) Vendor() =>
        (Images(SharedFiles.Copied("vendor/images_u8.npy")), Npy.Read(SharedFiles.Copied("vendor/labels.npy")));

    /// <summary>100 MNIST test images, (100, 1, 28, 28); beside the repository.</summary>
    internal static (Tensor Images, Tensor Labels) Mnist() =>
        (Images(SharedFiles.Find("reference/images_u8.npy")), Npy.Read(SharedFiles.Find("reference/labels.npy")));

    private static Tensor Images(string path) => Npy.Read(path).to_type(ScalarType.Float32).div(255).unsqueeze(1);
}
