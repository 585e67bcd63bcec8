using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Retrofit;

/// <summary>Stands for a model that exists already: a small network trained, with nothing but TorchSharp, on drawn digits.</summary>
internal static class Digits
{
    private const int Batch = 100;

    /// <summary>The network in evaluation mode, and 200 images it has not seen, (200, 1, 28, 28), with their labels.</summary>
    public static (nn.Module<Tensor, Tensor> Network, Tensor Images, Tensor Labels) TrainedNetwork()
    {
        manual_seed(1);   // the same weights in every run
        var network = nn.Sequential(
            ("conv1", nn.Conv2d(1, 16, 5, stride: 2)), ("relu1", nn.ReLU()), ("conv2", nn.Conv2d(16, 32, 5, stride: 2)), ("relu2", nn.ReLU()),
            ("flatten", nn.Flatten()), ("linear", nn.Linear(32 * 4 * 4, 10)));
        using var train = SyntheticDigits.Train(20_000);
        using var adam = optim.Adam(network.parameters(), lr: 2e-3);
        for (var start = 0; start < train.Count; start += Batch)
        {
            using var scope = NewDisposeScope();
            adam.zero_grad();
            nn.functional.cross_entropy(network.call(train.Images(start, Batch)), train.Labels.narrow(0, start, Batch)).backward();
            adam.step();
        }

        network.eval();
        using var test = SyntheticDigits.Test(200);
        return (network, test.Images(), test.Labels.clone());
    }
}
