using Defenses.Models;
using Defenses.Tests.Training;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Hardening;

/// <summary>
/// Two classes y = ±1 and two features: the first is 1·y for nine examples in ten and −1·y for the tenth, and cannot be turned within ε = 0.2; the second
/// is 0.1·y always, and can. A plain linear model learns the second and is right everywhere; the best robust one uses the first alone.
/// </summary>
internal sealed class TwoFeatures : IDisposable
{
    internal const double Epsilon = 0.2;

    internal TwoFeatures(int count = 40)
    {
        using var scope = NewDisposeScope();
        float[] points = [.. Enumerable.Range(0, count).SelectMany(i =>
        {
            float side = i % 2 == 0 ? -1 : 1;
            return new[] { i / 2 % 10 == 9 ? -side : side, 0.1f * side };
        })];
        Points = tensor(points).view(count, 2).clone().DetachFromDisposeScope();
        Labels = tensor(Enumerable.Range(0, count).Select(i => (long)(i % 2)).ToArray()).DetachFromDisposeScope();
        Data = new TensorData(Points, Labels);
    }

    internal static Bounds Bounds { get; } = new(-2, 2);

    internal Tensor Points { get; }

    internal Tensor Labels { get; }

    internal TensorData Data { get; }

    internal static TrainingOptions Options { get; } = new()
    {
        Epochs = 400, BatchSize = 40, Update = new SgdUpdate { Rate = LearningRate.InverseTime(3, 0.02) }, Seed = 7, ReportEvery = 1000,
            CheckpointInterval = TimeSpan.MaxValue,
    };

    /// <summary>At a constant rate and for longer: where weights must grow without limit.</summary>
    internal static TrainingOptions Long { get; } = Options with { Epochs = 1000, Update = new SgdUpdate { Rate = LearningRate.Constant(3) } };

    /// <summary>The weights of class 1 minus those of class 0 after a training, normed so that the larger is 1.</summary>
    internal (double First, double Second) Learn(TrainingObjective objective, TrainingOptions? options = null)
    {
        using var network = Nets.Linear(2, 2, 1);
        new Trainer(options ?? Options, objective).Run(network, Data);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var difference = (network.weight[1] - network.weight[0]).data<float>().ToArray();
        var largest = difference.Max(Math.Abs);
        return (difference[0] / largest, difference[1] / largest);
    }

    public void Dispose()
    {
        Points.Dispose();
        Labels.Dispose();
    }
}
