using Defenses.Models;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Benchmarks;

/// <summary>What everything is measured on: the HRS paper's MNIST network, trained, and images for it.</summary>
internal sealed class Subject : IDisposable
{
    private const string Weights = "mnist-cnn.safetensors";
    private readonly DataSet _data;

    private Subject(DataSet data)
    {
        _data = data;
        Network = NewNetwork();
    }

    /// <summary>The network, in evaluation mode. Rows that change it take one of their own: <see cref="NewNetwork"/>.</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>Loads MNIST's test images from a folder, or from ../shared/data where that is found, or else draws digits.</summary>
    public static Subject Load(string? folder)
    {
        if (folder is not null && !Mnist.IsIn(folder))
        {
            throw new DirectoryNotFoundException($"'{folder}' holds no MNIST files (t10k-images-idx3-ubyte.gz, ...).");
        }

        var found = folder ?? Above("shared/data").FirstOrDefault(Mnist.IsIn);
        return new Subject(found is null ? SyntheticDigits.Test(1000) : Mnist.Test(found));
    }

    public static nn.Module<Tensor, Tensor> NewNetwork()
    {
        var network = Networks.HrsMnist(seed: 1, dropout: 0);
        network.LoadWeights(Path.Combine(AppContext.BaseDirectory, Weights));
        network.eval();
        return network;
    }

    public string Describe() => $"Images: {_data.Name}.";

    /// <summary>The first images, (count, 1, 28, 28), and their labels, (count,). The caller disposes them.</summary>
    public (Tensor Images, Tensor Labels) Take(long count) => (_data.Images(0, count), _data.Labels.narrow(0, 0, count));

    public Classifier Model() => new(Network, Bounds.Unit);

    public void Dispose()
    {
        Network.Dispose();
        _data.Dispose();
    }

    /// <summary>The network as an ONNX file, of ../shared/reference/models; null where that is not found.</summary>
    public static string? OnnxPath => Above("shared/reference/models/mnist-cnn.onnx").FirstOrDefault(File.Exists);

    /// <summary>The path in the folder of the program and in each folder above it.</summary>
    public static IEnumerable<string> Above(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, name);
        }
    }
}
