using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>A score of a network on validation data, measured between epochs of its training: higher is better.</summary>
public abstract class ValidationScore
{
    /// <summary>The fraction of the examples recognized, with one fresh draw each; the default of a training.</summary>
    public static ValidationScore Recognized { get; } = new RecognizedShare();

    /// <summary>The score.</summary>
    /// <param name="network">In training mode; its mode and its streams must be unchanged afterwards.</param>
    /// <param name="data">At least one example.</param>
    /// <param name="seed">The seed of all random draws; the same when a run is resumed.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>; the run measures again when it is resumed.</param>
    protected internal abstract double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation);

    /// <summary>The name of the score with all its settings. A run with early stopping can be resumed only with the same text.</summary>
    public abstract override string ToString();

    private sealed class RecognizedShare : ValidationScore
    {
        protected internal override double Measure(nn.Module<Tensor, Tensor> network, ITrainingData data, ulong seed, CancellationToken cancellation) =>
            Accuracy.Measure(network, data, seed).Value;   // not cancelled: the measurement is short

        public override string ToString() => "share recognised";
    }
}
