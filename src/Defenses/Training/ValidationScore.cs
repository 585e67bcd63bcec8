using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>How good a network is on validation data, between epochs of its training: higher is better.</summary>
public abstract class ValidationScore
{
    /// <summary>The fraction of the examples recognised, one fresh draw each: what a training measures by default.</summary>
    public static ValidationScore Recognized { get; } = new RecognizedShare();

    /// <summary>The score.</summary>
    /// <param name="network">In training mode; must be left in it, and with its streams as they were.</param>
    /// <param name="data">At least one example.</param>
    /// <param name="seed">Of everything that draws: the same when a run is resumed.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>; the run measures again when it is resumed.</param>
    protected internal abstract double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation);

    /// <summary>What is measured with all its settings: a run that stops early is resumed with the same text only.</summary>
    public abstract override string ToString();

    private sealed class RecognizedShare : ValidationScore
    {
        protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation) =>
            Accuracy.Measure(network, data, seed).Value;   // short: an epoch that is done is finished

        public override string ToString() => "share recognised";
    }
}
