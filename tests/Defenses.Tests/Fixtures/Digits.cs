using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>Small networks trained on synthetic digits: examples of sound models. Trained once; weights are shared, modules are not.</summary>
internal static class Digits
{
    private static readonly DataSet s_test = SyntheticDigits.Test(1200, 3);
    private static readonly Dictionary<string, Tensor> s_weights = Train();
    private static readonly Lazy<Classifier> s_unprotected = new(() => Classifier(Network()));

    /// <summary>The trained network behind layers that the caller gives; dense 784, 64, 10.</summary>
    internal static nn.Module<Tensor, Tensor> Network(params (string Name, nn.Module<Tensor, Tensor> Layer)[] first)
    {
        var network = Fresh(first);
        network.load_state_dict(s_weights, strict: false);
        network.eval();
        network.Reseed(11);
        return network;
    }

    /// <summary>The trained network behind Gaussian noise of the given deviation.</summary>
    internal static nn.Module<Tensor, Tensor> Noisy(double std) => Network(("noise", new GaussianNoise(std)));

    /// <summary>The trained network with Gaussian noise in the middle: draws cost little there.</summary>
    internal static nn.Module<Tensor, Tensor> NoisyInside(double std)
    {
        var network = Network();
        using var probe = zeros(1, 1, 28, 28);
        network.InsertAfter<TorchSharp.Modules.ReLU>(_ => new GaussianNoise(std), probe);
        network.Reseed(11);
        return network;
    }

    /// <summary>The trained network in front of layers that the caller gives.</summary>
    internal static nn.Module<Tensor, Tensor> Before(params nn.Module<Tensor, Tensor>[] last)
    {
        var network = nn.Sequential([("network", Network()), .. last.Select((layer, number) => ($"last{number}", layer))]);
        network.eval();
        return network;
    }

    /// <summary>A shared classifier of the trained network.</summary>
    internal static Classifier Unprotected => s_unprotected.Value;

    internal static Classifier Classifier(nn.Module<Tensor, Tensor> network) => new(network, Bounds.Unit);

    /// <summary>Test images, at most 1200.</summary>
    internal static LabeledImages Images(int count) =>
        new(count, (first, size) => (s_test.Images(first, size), s_test.Labels.narrow(0, first, size).clone())) { Name = s_test.Name };

    private static nn.Module<Tensor, Tensor> Fresh((string, nn.Module<Tensor, Tensor>)[] first)
    {
        (string, nn.Module<Tensor, Tensor>)[] layers =
            [.. first, ("flatten", nn.Flatten()), ("fc1", nn.Linear(784, 64)), ("relu1", nn.ReLU()), ("fc2", nn.Linear(64, 10))];
        return nn.Sequential(layers);
    }

    private static Dictionary<string, Tensor> Train()
    {
        using var train = SyntheticDigits.Train(3000, 3);
        using var network = Fresh([]);
        using (no_grad())
        {
            using var random = new RandomSource(1);
            foreach (var (name, parameter) in network.named_parameters())
            {
                using var start = random.Normal(parameter, name.EndsWith("bias") ? 0 : name.StartsWith("fc1") ? 0.05 : 0.15);
                parameter.copy_(start);
            }
        }
        var update = new AdamUpdate { Rate = LearningRate.Constant(2e-3) };
        new Trainer(new TrainingOptions { Epochs = 6, BatchSize = 64, Seed = 1, Update = update }).Run(network, train);
        return network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
    }
}
