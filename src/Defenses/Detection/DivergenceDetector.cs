using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>How much a classifier's output changes when the image is reformed: the Jensen–Shannon divergence of
/// softmax(z(x)/T) and softmax(z(AE(x))/T).</summary>
/// <remarks>
/// In nats, at most ln 2. The reformed image is clipped to the bounds. Source: Meng and Chen 2017, "MagNet", with T = 10 and T = 40. A random
/// classifier is run once for each.
/// </remarks>
public sealed class DivergenceDetector : Detector
{
    private readonly ModelView _model;
    private readonly Reformer _reformer;

    /// <summary>A detector by divergence.</summary>
    /// <param name="model">A model that gives scores, in evaluation mode. Not owned.</param>
    /// <param name="reformer">Moves images towards clean ones, in evaluation mode. Not owned.</param>
    /// <param name="temperature">T, above 0; by default 10.</param>
    /// <exception cref="ArgumentException">The model gives decisions only.</exception>
    /// <exception cref="ArgumentOutOfRangeException">T is not a finite number above 0.</exception>
    public DivergenceDetector(ModelView model, Reformer reformer, double temperature = 10)
        : base(ModelReading.WithScores(model, "the detector").Bounds)
    {
        (_model, _reformer) = (model, Require.NotNull(reformer, nameof(reformer)));
        Temperature = Require.Positive(temperature, nameof(temperature));
    }

    /// <summary>T.</summary>
    public double Temperature { get; }

    /// <summary>Whether the model is a classifier: other views have gradients of losses only.</summary>
    public override bool IsDifferentiable => _model is Classifier;

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        _model.RequireEvaluation();
        AutoEncoding.RequireEvaluation(_reformer);
        using var scope = NewDisposeScope();
        using var streams = ModelReading.LendStreams(_model, seed);
        var (seen, reformed) = (LogProbabilities(images), LogProbabilities(ForwardPass.Run(_reformer, images)));
        var mean = stack([seen, reformed]).logsumexp(0) - Math.Log(2);
        var divergence = (seen.exp() * (seen - mean) + reformed.exp() * (reformed - mean)).sum(1) / 2;
        return divergence.to_type(images.dtype).MoveToOuterDisposeScope();
    }

    // At T = 40 the two differ by less than the rounding error of single precision.
    private Tensor LogProbabilities(Tensor images) =>
        (ModelReading.Logits(_model, images, 1).squeeze(0).to_type(ScalarType.Float64) / Temperature).log_softmax(1);
}
