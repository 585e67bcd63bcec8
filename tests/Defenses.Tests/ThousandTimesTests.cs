using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using Defenses.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests;

/// <summary>Law 7 over a long life: a thousand times the same work leave as many tensors as one time.
/// (Benchmarks memory: the same of resident memory.)</summary>
public sealed class ThousandTimesTests
{
    private static readonly Dictionary<string, Action<nn.Module<Tensor, Tensor>, Blobs>> s_work = new()
    {
        ["training step"] = (network, data) => new Trainer(new TrainingOptions { Epochs = 1, BatchSize = (int)data.Count, Seed = 1 }).Run(network, data),
        ["attack"] = (network, data) =>
            OnBatch(network, data, (model, x, labels) => new Pgd(0.1) { Steps = 2, Restarts = 1, Seed = 1 }.Run(model, x, labels).Dispose()),
        ["attack on the mean of draws"] = (network, data) =>
        {
            using var probe = zeros(1, Blobs.Features);
            using var noise = network.InsertBefore<Linear>(_ => new GaussianNoise(0.1), probe);
            OnBatch(network, data, (model, x, labels) => new Pgd(0.1) { Steps = 2, Restarts = 1, Seed = 1 }.Run(new Eot(model, 3), x, labels).Dispose());
        },
        ["judge"] = (network, data) => OnBatch(network, data, (model, x, labels) => new Judge(draws: 3).Measure(model, x, labels)),
        ["retrofit and its undoing"] = (network, _) =>
        {
            using var probe = zeros(1, Blobs.Features);
            using (network.InsertAfter<ReLU>(_ => new StochasticActivationPruning(), probe)) { }
            using (network.ReplaceReLU(_ => new JumpReLU(0.1), probe)) { }
        },
    };

    public static TheoryData<string> Names => [.. s_work.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Leave_as_many_tensors_as_one_time(string name)
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        network.eval();
        s_work[name](network, data);
        var before = Leaks.Live();
        for (var i = 0; i < 1000; i++) s_work[name](network, data);
        (Leaks.Live() - before).Should().Be(0);
    }

    private static void OnBatch(nn.Module<Tensor, Tensor> network, Blobs data, Action<Classifier, Tensor, Tensor> work)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = data.Batch([0, 1, 2, 3]);
        work(new Classifier(network, new Bounds(-5, 5)), images, labels);
    }
}
