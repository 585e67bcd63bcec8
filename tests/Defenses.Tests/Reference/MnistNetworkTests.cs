using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Reference;

/// <summary>The HRS paper's MNIST network with weights trained by PyTorch, against the outputs PyTorch computed.</summary>
public sealed class MnistNetworkTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Logits_of_drawn_images_agree(double dropout) =>
        Compare(SharedFiles.Copied("vendor/images_u8.npy"), SharedFiles.Copied("vendor/logits_f32.npy"), SharedFiles.Copied("vendor/labels.npy"), dropout, 25);

    [SharedFact("reference/clean_logits_f32.npy")]
    public void Logits_of_MNIST_images_agree() =>
        Compare(SharedFiles.Find("reference/images_u8.npy"), SharedFiles.Find("reference/clean_logits_f32.npy"), SharedFiles.Find("reference/labels.npy"), 0,
            99);

    [SharedFact("data/mnist")]
    public void The_accuracy_on_the_test_images_is_the_one_PyTorch_found()
    {
        using var scope = NewDisposeScope();
        using var network = Load(0);
        using var test = Mnist.Test(SharedFiles.Find("data"));
        using var frozen = no_grad();
        long right = 0;
        for (long start = 0; start < 2000; start += 500)
        {
            using var batch = NewDisposeScope();
            right += network.call(test.Images(start, 500)).argmax(1).eq(test.Labels.narrow(0, start, 500)).sum().ToInt64();
        }

        // 98.59 % of all 10,000; four standard errors of a sample of 2,000 around it.
        (right / 2000.0).Should().BeApproximately(0.9859, 4 * Math.Sqrt(0.9859 * 0.0141 / 2000));
    }

    private static nn.Module<Tensor, Tensor> Load(double dropout)
    {
        var network = Networks.HrsMnist(1, dropout);
        network.LoadWeights(SharedFiles.Copied("mnist-cnn.safetensors"));
        network.eval();
        return network;
    }

    private static void Compare(string images, string logits, string labels, double dropout, long right)
    {
        using var scope = NewDisposeScope();
        using var network = Load(dropout);
        var found = network.call(Npy.Read(images).to_type(ScalarType.Float32).div(255).unsqueeze(1));
        found.sub(Npy.Read(logits)).abs().max().ToDouble().Should().BeLessThan(2e-5);
        found.argmax(1).eq(Npy.Read(labels)).sum().ToInt64().Should().Be(right);
    }
}
