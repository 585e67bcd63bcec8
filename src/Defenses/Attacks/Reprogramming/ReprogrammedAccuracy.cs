using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>How often a frozen model, behind a program, answers with the class of the task.</summary>
internal sealed class ReprogrammedAccuracy(ModelView model, int draws) : ValidationScore
{
    private const long BatchSize = 250;

    /// <inheritdoc/>
    public override string ToString() => $"accuracy through {draws} draws";

    /// <summary>The rate with its interval: a trial is an image, which succeeds in a share of its draws.</summary>
    internal Proportion Count(nn.Module<Tensor, Tensor> program, ITrainingData data, ulong seed, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        using var numbers = model.LendNumbers(Seeds.Combine(seed, nameof(ReprogrammedAccuracy)));
        var (right, device) = (0.0, program.parameters().First().device);
        for (var start = 0L; start < data.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var indices = new long[Math.Min(BatchSize, data.Count - start)];
            for (var i = 0; i < indices.Length; i++) indices[i] = start + i;
            var (images, labels) = data.Batch(indices);
            var inputs = ForwardPass.Run(program, images.to(device));
            var answers = model.IsRandom ? model.ComputeLogits(inputs, draws) : model.ComputeLogits(inputs).unsqueeze(0);   // (draws, n, classes)
            Require.Labels(labels, indices.Length, answers.shape[2], nameof(labels));
            right += answers.argmax(-1).eq(labels.to(device)).to_type(ScalarType.Float64).mean([0]).sum().ToDouble();
        }

        return new Proportion(Math.Min(right, data.Count), data.Count);
    }

    /// <inheritdoc/>
    protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation) =>
        Count(network, data, seed, cancellation).Rate;
}
